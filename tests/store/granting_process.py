"""A process that grants until it is killed, telling of each batch once it is durable.

Run as `python granting_process.py URL OFFER FIRST`: viewers FIRST, FIRST + 1, …, seven to a batch.
"""

import sys
from datetime import UTC, datetime

from domain.show import Claim
from store import open_database


def main(url: str, offer_id: int, first: int) -> None:
    database = open_database(url)
    while True:
        batch = [Claim("twitch", str(n), f"v{n}", "twitch:100", str(n)) for n in range(first, first + 7)]
        with database.unit() as unit:
            offer = unit.offers.get(offer_id)
            assert offer is not None
            outcomes = unit.grants.grant(offer, batch, datetime.now(UTC))
        told = [f"{o.grant.viewer_id}={o.grant.code}" for o in outcomes if o.grant]
        sys.stdout.write(" ".join(told) + "\n")
        sys.stdout.flush()
        first += 7


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

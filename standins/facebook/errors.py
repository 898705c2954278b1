"""Errors as Graph writes them.

Source: Meta «Handling errors» and «Private replies» (read 2026-10).
"""

from aiohttp import web

WORDS = {
    2: "An unexpected error has occurred. Please retry your request later.",
    12: "(#12) This endpoint is deprecated for versions v18.0 and higher",
    32: "(#32) Page request limit reached",
    100: "(#100) Invalid parameter",
    190: "Error validating access token: The session has been invalidated.",
    200: "(#200) Permissions error",
    368: "The action attempted has been deemed abusive or is otherwise disallowed",
    506: "Duplicate status message",
    551: "(#551) This person isn't available right now.",
    10900: "(#10900) Activity already replied to",
    10903: "(#10903) This user can't reply to this activity",
}
STATUSES = {2: 500, 190: 401, 200: 403}


def wrong(code: int, subcode: int | None = None, message: str = "") -> web.Response:
    """An error of that code."""
    error = {
        "message": message or WORDS.get(code, "An error occurred"),
        "type": "OAuthException",
        "code": code,
        "is_transient": code == 2,
        "fbtrace_id": "A1b2C3",
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    return web.json_response({"error": error}, status=STATUSES.get(code, 400))

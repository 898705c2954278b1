"""Speed, shown beside a named baseline in the same run. See README.md."""

import logging

import structlog

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
logging.getLogger("twitchio").setLevel(logging.CRITICAL)

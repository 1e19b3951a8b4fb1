"""The server's log: one JSON line a message on stderr; traces without local variables, which hold what people type."""

import sys

import structlog


def configure_logs() -> None:
    """Configure structlog for the process that serves."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

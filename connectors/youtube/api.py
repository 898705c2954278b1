"""google-api-python-client with our addresses, time-outs, and one HTTP object per thread."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import google_auth_httplib2
import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from connectors.youtube.outcome import Refused, Unclear
from connectors.youtube.settings import YouTubeSettings
from domain.errors import ActionRequired, Fault
from domain.sentences import sentence

ANSWER_S = 15.0
LOG_IN = sentence("run `bateleur login youtube`")


class Api:
    """Calls of one account; threads may share it. Methods raise `Refused`, `Fault`, `ActionRequired`."""

    def __init__(self, settings: YouTubeSettings) -> None:
        self._settings = settings
        self._local = threading.local()
        self._access: Credentials | None = None
        self._renewing = threading.Lock()
        self._is_closed = False
        self._https: list[tuple[google_auth_httplib2.AuthorizedHttp, threading.Lock]] = []

    def access_token(self) -> str:
        """A token for calls that are made elsewhere, renewed when its hour is over. A secret."""
        with self._renewing, _told():
            if self._access is None:
                self._access = self._credentials()
            if not self._access.valid:
                with closing(httplib2.Http(timeout=ANSWER_S)) as http:
                    self._access.refresh(google_auth_httplib2.Request(http))  # type: ignore[no-untyped-call]
            return str(self._access.token)

    def forget_access(self) -> None:
        """`access_token` is to give another one."""
        self._access = None

    def close(self) -> None:
        """Let go of every connection, once its call has ended; a later call opens one for itself alone."""
        self._is_closed = True
        for http, in_use in self._https:
            with in_use:
                http.close()

    def read(self, resource: str, **query: Any) -> dict[str, Any]:
        """The answer of `resource`.list; raises `Fault` when nobody answers."""
        try:
            return self._execute(getattr(self._service(), resource)().list(**query))
        except Unclear as error:
            raise Fault(
                sentence("YouTube does not answer ({error}).", error=error), is_retryable=True
            ) from None

    def insert_message(self, chat_id: str, text: str) -> dict[str, Any]:
        """Write to a chat. Raises `Unclear` when it may have been taken; never tried again by itself."""
        body = {
            "snippet": {
                "liveChatId": chat_id,
                "type": "textMessageEvent",
                "textMessageDetails": {"messageText": text},
            }
        }
        return self._execute(self._service().liveChatMessages().insert(part="snippet", body=body))

    def _execute(self, request: Any) -> dict[str, Any]:
        with self._local.in_use, _told():
            try:
                answer: dict[str, Any] = request.execute(num_retries=0)
            finally:
                # A call that had not begun when all were closed would leave its connection open.
                if self._is_closed:
                    self._local.http.close()
        return answer

    def _service(self) -> Any:
        service = getattr(self._local, "service", None)
        if service is None:
            http = google_auth_httplib2.AuthorizedHttp(
                self._credentials(), http=httplib2.Http(timeout=ANSWER_S)
            )
            self._local.http, self._local.in_use = http, threading.Lock()
            self._https.append((http, self._local.in_use))
            service = self._local.service = build(
                "youtube",
                "v3",
                http=http,
                client_options={"api_endpoint": self._settings.api_url},
                static_discovery=True,
                cache_discovery=False,
            )
        return service

    def _credentials(self) -> Credentials:
        settings = self._settings
        secret = settings.client_secret.get_secret_value() if settings.client_secret else None
        refresh = settings.refresh_token.get_secret_value() if settings.refresh_token else None
        if not refresh:
            raise ActionRequired(
                sentence(
                    "YouTube needs a login: {mend}, or set BATELEUR_YOUTUBE__REFRESH_TOKEN.", mend=LOG_IN
                )
            )
        return Credentials(  # type: ignore[no-untyped-call]
            None,
            refresh_token=refresh,
            token_uri=settings.token_url,
            client_id=settings.client_id,
            client_secret=secret,
        )


@contextmanager
def _told() -> Iterator[None]:
    """What Google's libraries raise, as `Refused`, `Unclear` or our own."""
    try:
        yield
    except HttpError as error:
        raise Refused(int(error.resp.status), _reason(error), str(error.reason or "")) from None
    except RefreshError:
        raise ActionRequired(
            sentence("Google no longer takes the login: {mend} again.", mend=LOG_IN)
        ) from None
    except GoogleAuthError:
        raise Fault("Google's login server does not answer.", is_retryable=True) from None
    except (httplib2.ServerNotFoundError, ConnectionRefusedError):
        raise Fault("YouTube cannot be reached.", is_retryable=True) from None
    except (OSError, httplib2.HttpLib2Error, ValueError) as error:
        raise Unclear(type(error).__name__) from None


def _reason(error: HttpError) -> str:
    details = error.error_details
    if isinstance(details, list):
        return next((str(d["reason"]) for d in details if isinstance(d, dict) and d.get("reason")), "")
    return ""

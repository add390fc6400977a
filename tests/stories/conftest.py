"""Stories ask through the API, as an investigator does."""

from tests.api.conftest import api_settings, ask, send

__all__ = ["api_settings", "ask", "send"]

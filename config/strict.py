"""What all parts of ``ops.yaml`` are made of."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Location = tuple[int | str, ...]


class Strict(BaseModel):
    """Knows no other names than its own, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def wrong(location: Location, sentence: str, value: Any = None) -> ValidationError:
    """What a validator raises for something deeper than what it checks, so that the message names its line."""
    problem = InitErrorDetails(
        type=PydanticCustomError("policy", "{sentence}", {"sentence": sentence}), loc=location, input=value
    )
    return ValidationError.from_exception_data("ops.yaml", [problem])

"""marshmallow's validators, in our words and the reader's language."""

from typing import Any

from marshmallow import ValidationError, validate

from shared.web.i18n import translate

MAX_CHOICES_TOLD = 12


class OneOf(validate.OneOf):
    def __call__(self, value: Any) -> Any:
        if not isinstance(value, str) or value not in self.choices:
            raise ValidationError(translate("Choose one of: %(choices)s.", choices=self._few()))
        return value

    def _few(self) -> str:
        few = [str(choice) for choice in self.choices][:MAX_CHOICES_TOLD]
        return ", ".join(few) + (", …" if len(list(self.choices)) > len(few) else "")


class Length(validate.Length):
    """Of a text in characters, of a list in entries."""

    def __call__(self, value: Any) -> Any:
        if self.max is not None and len(value) > self.max:
            raise ValidationError(translate("This is too long: %(most)d at most.", most=self.max))
        if self.min is not None and len(value) < self.min:
            raise ValidationError(
                translate("This is too short: %(least)d at least.", least=self.min)
            )
        return value


class Range(validate.Range):
    def __call__(self, value: Any) -> Any:
        if self.min is not None and value < self.min:
            raise ValidationError(
                translate("This is too small: %(least)s at least.", least=self.min)
            )
        if self.max is not None and value > self.max:
            raise ValidationError(translate("This is too large: %(most)s at most.", most=self.max))
        return value

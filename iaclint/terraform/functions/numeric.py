"""Functions of numbers."""

from __future__ import annotations

import math
from fractions import Fraction

from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.lang.numbers import rounded
from iaclint.terraform.lang.types import DYNAMIC, NUMBER

FUNCTIONS = Functions()


@FUNCTIONS.define("abs", NUMBER, returns=NUMBER)
def _abs(context: Context, value: V) -> Result:
    return abs(value.data)


@FUNCTIONS.define("ceil", NUMBER, returns=NUMBER)
def _ceil(context: Context, value: V) -> Result:
    return math.ceil(value.data)


@FUNCTIONS.define("floor", NUMBER, returns=NUMBER)
def _floor(context: Context, value: V) -> Result:
    return math.floor(value.data)


def _from_float(number: float) -> Result:
    if math.isinf(number) or math.isnan(number):
        raise FunctionError("the result is not a finite number")
    result = Fraction(number)
    return result.numerator if result.denominator == 1 else result


@FUNCTIONS.define("log", NUMBER, NUMBER, returns=NUMBER)
def _log(context: Context, value: V, base: V) -> Result:
    number, radix = float(value.data), float(base.data)
    if number <= 0 or radix <= 0 or radix == 1:
        raise FunctionError("there is no such logarithm")
    return _from_float(math.log(number) / math.log(radix))


@FUNCTIONS.define("pow", NUMBER, NUMBER, returns=NUMBER)
def _pow(context: Context, value: V, power: V) -> Result:
    number, exponent = float(value.data), float(power.data)
    if number == 0 and exponent < 0:
        raise FunctionError("0 has no negative power")
    result = number**exponent
    if isinstance(result, complex):
        raise FunctionError("there is no such power")
    return _from_float(result)


@FUNCTIONS.define("signum", NUMBER, returns=NUMBER)
def _signum(context: Context, value: V) -> Result:
    if not isinstance(value.data, int):
        raise FunctionError("a whole number is required")
    return (value.data > 0) - (value.data < 0)


@FUNCTIONS.define("max", NUMBER, rest=NUMBER, returns=NUMBER)
def _max(context: Context, *values: V) -> Result:
    return max(value.data for value in values)


@FUNCTIONS.define("min", NUMBER, rest=NUMBER, returns=NUMBER)
def _min(context: Context, *values: V) -> Result:
    return min(value.data for value in values)


@FUNCTIONS.define("parseint", DYNAMIC, NUMBER, returns=NUMBER)
def _parseint(context: Context, text: V, base: V) -> Result:
    radix = base.data
    if not isinstance(text.data, str):
        raise FunctionError("the first argument must be a string")
    if not isinstance(radix, int) or not 2 <= radix <= 62:
        raise FunctionError("the base must be a whole number from 2 to 62")
    digits = text.data.removeprefix("-") if text.data.startswith("-") else text.data.removeprefix("+")
    total = 0
    if not digits or len(digits) > 2000:
        raise FunctionError(f'"{text.data}" is not a whole number in base {radix}')
    for char in digits:
        if char.isdigit() and char.isascii():
            digit = int(char)
        elif "a" <= char <= "z":
            digit = ord(char) - 87
        elif "A" <= char <= "Z":
            digit = ord(char) - (55 if radix <= 36 else 29)
        else:
            digit = 99
        if digit >= radix:
            raise FunctionError(f'"{text.data}" is not a whole number in base {radix}')
        total = total * radix + digit
    return rounded(-total if text.data.startswith("-") else total)

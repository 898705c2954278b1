"""Rows to XML or JSON, the body of a write to rows, and errors as the webservice words them.

A row is field → text; a field in several languages is language id → text.
Source: PrestaShop `WebserviceOutputXML`, `WebserviceOutputJSON` (read).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from aiohttp import web
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

Field = str | dict[str, str]
Row = dict[str, Field]


TOLD_RIGHTS = ("GET", "PUT", "POST", "DELETE", "HEAD")


class Wrong(Exception):
    """What the webservice refuses, with its HTTP status and its own code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def refusal(wrong: Wrong, *, as_json: bool) -> web.Response:
    """An error."""
    if as_json:
        errors = {"errors": [{"code": wrong.code, "message": str(wrong)}]}
        return web.json_response(errors, status=wrong.status)
    root = Element("prestashop")
    error = SubElement(SubElement(root, "errors"), "error")
    SubElement(error, "code").text = str(wrong.code)
    SubElement(error, "message").text = str(wrong)
    return _xml(root, wrong.status)


def listed(names: tuple[str, str], rows: Sequence[Row], *, as_json: bool, status: int = 200) -> web.Response:
    """Several rows; `names` are the node of all and of one. Of none, JSON is an empty list."""
    many, one = names
    if as_json:
        return web.json_response({many: [_plain(row) for row in rows]} if rows else [], status=status)
    root = Element("prestashop")
    parent = SubElement(root, many)
    for row in rows:
        _add(parent, one, row)
    return _xml(root, status)


def single(one: str, row: Row, *, as_json: bool, status: int = 200) -> web.Response:
    """One row."""
    if as_json:
        return web.json_response({one: _plain(row)}, status=status)
    root = Element("prestashop")
    _add(root, one, row)
    return _xml(root, status)


def rights(shop: str, of: Mapping[str, frozenset[str]]) -> web.Response:
    """The root: what the key may do with each resource; of PATCH it says nothing."""
    root = Element("prestashop")
    api = SubElement(root, "api", {"shopName": shop})
    for resource, methods in of.items():
        told = {method.lower(): str(method in methods).lower() for method in TOLD_RIGHTS}
        SubElement(SubElement(api, resource, told), "description").text = resource
    return _xml(root, 200)


def entities(body: bytes) -> list[Row]:
    """The rows of a write's body."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Wrong(500, 127, f"XML error : {error}") from None
    return [{field.tag: _field(field) for field in entity} for entity in root]


def _field(element: Element) -> Field:
    told = element.findall("language")
    if told:
        return {one.get("id", ""): one.text or "" for one in told}
    return element.text or ""


def _add(parent: Element, name: str, row: Row) -> None:
    node = SubElement(parent, name)
    for field, value in row.items():
        child = SubElement(node, field)
        if isinstance(value, str):
            child.text = value
        else:
            for id, text in value.items():
                SubElement(child, "language", {"id": id}).text = text


def _plain(row: Row) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field, value in row.items():
        several = [{"id": id, "value": text} for id, text in value.items()] if isinstance(value, dict) else []
        shown[field] = several or value
    return json.loads(json.dumps(shown))  # type: ignore[no-any-return]


def _xml(root: Element, status: int) -> web.Response:
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    return web.Response(body=body, status=status, content_type="text/xml", charset="utf-8")

"""Licence texts as repositories hold them: those that choosealicense.com offers, as `identify` keeps them."""

from functools import cache

from identify.vendor.licenses import LICENSES


@cache
def license_text(license_id: str, *, holder: str = "Ada Example", year: str = "2024") -> str:
    """The text by its SPDX id; those of GNU licences by the id without `-only`."""
    text = dict(LICENSES)[license_id.removesuffix("-only").removesuffix("-or-later")]
    for placeholder in ("[year]", "[yyyy]", "<year>"):
        text = text.replace(placeholder, year)
    for placeholder in ("[fullname]", "[name of copyright owner]", "<name of author>"):
        text = text.replace(placeholder, holder)
    return text


COMMONS_CLAUSE = """\
"Commons Clause" License Condition v1.0

The Software is provided to you by the Licensor under the License, as defined below, subject to the following
condition.

Without limiting other conditions in the License, the grant of rights under the License will not include, and
the License does not grant to you, the right to Sell the Software.

Software: Shop
License: Apache 2.0
Licensor: Ada Example

"""

GPL_NOTICE = """\
This program is free software: you can redistribute it and/or modify it under the terms of the GNU General
Public License as published by the Free Software Foundation, either version 3 of the License, or (at your
option) any later version.

This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the
implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License
for more details.

You should have received a copy of the GNU General Public License along with this program. If not, see
<https://www.gnu.org/licenses/>.
"""

"""RFC 3402 §3.2: substitution expressions, read and applied."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import example, given
from posix_ere import Rule, parse, search
from strategies import ere_subjects, eres, eres_read_alike

from sipresolve import Misuse, Resolver
from sipresolve.backends import ZoneBackend
from sipresolve.procedures import substitution
from sipresolve.procedures.substitution import BadExpression, Substitution, require_matcher

NUMBER = "+442079460123"
WHOLE = b"+442079460123"


def result(regexp: bytes, number: str = NUMBER) -> bytes | None:
    return Substitution.parse(regexp).apply(number)


def refusal(regexp: bytes) -> str:
    with pytest.raises(BadExpression) as refused:
        result(regexp)
    return str(refused.value)


def group(ere: bytes, number: str = NUMBER) -> bytes | None:
    """What the first group of a pattern gets."""
    return result(b"!%b!\\1!" % ere, number)


# --- subst-expr = delim-char ere delim-char repl delim-char *flags


def test_an_expression_is_read_into_its_parts() -> None:
    assert Substitution.parse(rb"!^\+44(.*)$!sip:\1@example.com;a=\!\2!i") == Substitution(
        rb"^\+44(.*)$", (b"sip:", 1, b"@example.com;a=!", 2), ignores_case=True
    )


@pytest.mark.parametrize("octet", range(256))
def test_any_octet_delimits_but_digits_flags_and_what_escapes(octet: int) -> None:
    """delim-char = "/" / "!" / <Any octet not in 'POS-DIGIT' or 'flags'>."""
    delimiter = bytes([octet])
    ere, repl = (b"~" if each == delimiter else each for each in (b"^", b"_"))
    regexp = delimiter.join([b"", ere, repl, b""])
    if delimiter in b"123456789iI\\":
        assert "cannot be its delimiter" in refusal(regexp)
    else:
        assert Substitution.parse(regexp) == Substitution(ere, (repl,))


@pytest.mark.parametrize(
    ("regexp", "expected"),
    [
        (rb"/^.*$/http:\/\/example.com\//", b"http://example.com/"),
        (rb"!.*!\!\!\!!", b"!!!"),
        # where it would mean more in a pattern, it does not
        (rb"+^\+44+x+", b"x"),
        (rb"+^4\+4+x+", None),
        (rb".^\.44.x.", None),
        (rb"$44\$$x$", None),
        (rb"^\^^x^", None),
        (rb"|4\|x|y|", None),
        (rb"?^\+5\?44?x?", None),
        (rb"*^\+5\*44*x*", None),
        (rb"(\(44\((x(", None),
        (rb")44\))x)", None),
        (rb"[\[4][x[", None),
        (rb"]\]]x]", None),
        (rb"{4\{2}{x{", None),
        (rb"}4{2\}}x}", None),
        # others take part in what they always do
        (rb"0^.442\00x0", b"x"),
        (rb"0.*0\0\00", b"00"),
        (rb",4{2\,2}2,x,", b"x"),
        (rb"-^[^0\-9]44-x-", b"x"),
        (rb":^\+[[\:digit\:]]+$:x:", b"x"),
        (rb"d^\+4\d?4d\dd", b"d"),
        (rb"!^\+\!*44!x!", b"x"),
        (b"\xc3^\\+\\\xc3*44\xc3\\\xc3\xc3", b"\xc3"),
        (b"\0^\\+\\\0*44\0\\\0\0", b"\0"),
        # in a bracket expression as well
        (rb"!^[\!+]44!x!", b"x"),
        (rb".^[\.+]44.x.", b"x"),
        (rb"^[\^0-9]2^x^", b"x"),
        # what escapes is escaped: the next delimiter is not
        (rb"!^\\*\+44!x!", b"x"),
        (rb"!\\!x!", None),
    ],
)
def test_an_escaped_delimiter_stands_for_itself(regexp: bytes, expected: bytes | None) -> None:
    """ "escaped occurrences of the delimiter […] will be interpreted as […] that character"."""
    assert result(regexp) == expected


@pytest.mark.parametrize(
    ("regexp", "reason"),
    [
        # "exactly three non-escaped occurrences of the delimiter character"; RFC 6116 §5.2: of
        # NAPTRs with more or less, "clients SHOULD discard" them
        (b"", "it is empty"),
        (b"!", "1 unescaped delimiters '!', not 3"),
        (b"!.*", "1 unescaped"),
        (b"!.*!sip:a@example.com", "2 unescaped"),
        (rb"!.*!sip:a@example.com\!", "2 unescaped"),
        (rb"!.*\!sip:a@example.com!", "2 unescaped"),
        (b"!.*!sip:a@example.com!!", "4 unescaped"),
        (b"!.*!sip:a@example.com!i!", "4 unescaped"),
        (b"!!!!!", "5 unescaped"),
        (b"![!]!x!", "4 unescaped"),
        (rb"!\\!!x!", "4 unescaped"),
        (b"\xff.*\xffx", r"2 unescaped delimiters '\\xff'"),
        (b"1.*1x1", "'1' cannot be its delimiter"),
        # the only flag is "i"
        (b"!.*!x!o", "its flags 'o' are not 'i'"),
        (b"!.*!x!ig", "its flags 'ig'"),
        (b"!.*!x! i", "its flags ' i'"),
        (b"!.*!x!i\0", r"its flags 'i\x00'"),
        (b"!.*!x!\xe9", r"its flags '\\xe9'"),
        # backref = "\" POS-DIGIT, and escapeddelim = "\" delim-char; any other backslash would be
        # an octet of the result, which no URI has
        (rb"!(.*)!\0!", r"'\\0' is no back-reference, which are \1 to \9"),
        (rb"!(.*)!\\1!", r"'\\\\' is no back-reference"),
        (rb"!.*!\x!", r"'\\x' is no back-reference"),
        (rb"!.*!a\/b!", r"'\\/' is no back-reference"),
        (b"!.*!\\\xff!", r"'\\\\xff' is no back-reference"),
        # "error - no matching subexpression"
        (rb"!.*!\1!", r"\1 refers to a group that the pattern does not have"),
        (rb"!(4)(4)!\1\2\3!", r"\3 refers to a group"),
        (rb"!\(*|[(]!\1!", r"\1 refers to a group"),
    ],
)
def test_what_the_grammar_does_not_allow_is_refused(regexp: bytes, reason: str) -> None:
    assert reason in refusal(regexp)


@pytest.mark.parametrize("place", range(8))
def test_a_lone_backslash_is_wrong_at_every_place(place: int) -> None:
    whole = b"!4!ab!i"
    assert result(whole) == b"ab"
    assert refusal(whole[:place] + b"\\" + whole[place:])


@pytest.mark.parametrize("flags", [b"i", b"I", b"ii", b"iI"])
def test_the_flag_ignores_case(flags: bytes) -> None:
    """ABNF takes flags = "i" in either case (RFC 5234 §2.3), and there may be several."""
    assert Substitution.parse(b"!X!y!" + flags).apply("x") == b"y"
    assert Substitution.parse(b"![[:upper:]]!y!" + flags).apply("x") == b"y"
    assert Substitution.parse(b"!X!y!").apply("x") is None


def test_of_255_octets_all_are_read_and_of_256_none() -> None:
    """RFC 3403 §4.1: the field is one character-string, of 255 octets at most (RFC 1035 §3.3)."""
    longest = b"!^.*$!" + b"x" * 248 + b"!"
    assert len(longest) == 255
    assert result(longest) == b"x" * 248
    assert refusal(longest + b"i") == "it is longer than 255 octets"


def test_many_copies_of_a_back_reference() -> None:
    """RFC 6116 §5.2: "MUST be ready to process […] many copies of back-reference patterns"."""
    regexp = b"!^(.*)$!" + rb"\1" * 123 + b"!"
    assert len(regexp) == 255
    assert result(regexp, "+123456789012345") == b"+123456789012345" * 123


@pytest.mark.parametrize(
    ("regexp", "expected"),
    [
        (b"!!!", b""),
        (b"!!x!", b"x"),
        (b"!.*!!", b""),
        (b"!5!x!", None),
        # "the (possibly empty) string of characters enclosed by '(' and ')'", also of a group that
        # took no part
        (rb"!^(x*)\+(4*)!<\1><\2>!", b"<><44>"),
        (rb"!^(\+44)|(x)!<\1><\2>!", b"<+44><>"),
        (rb"!^(x)?\+(44)!<\1><\2>!", b"<><44>"),
        # groups are numbered by where they begin
        (rb"!^(\+(4(4)20)(7)9)!\1,\2,\3,\4!", b"+442079,4420,4,7"),
        (rb"!(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)!\9\8\7\6\5\4\3\2\1!", b"64970244+"),
        # "N is a single digit"
        (rb"!(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)!\10!", b"+0"),
        # RFC 6116 §3.6: of static text, "case must be preserved"
        (rb"!(.*)!SIP:\1@Example.COM!i", b"SIP:+442079460123@Example.COM"),
        # the result is the replacement, whatever part of the number matches
        (b"!2079!sip:a@example.com!", b"sip:a@example.com"),
        # RFC 6116 §5.2: values outside US-ASCII "without failure"
        (b"!.*!sip:\xff\0\xc3@example.com!", b"sip:\xff\0\xc3@example.com"),
    ],
)
def test_the_result_is_the_replacement_with_its_groups(
    regexp: bytes, expected: bytes | None
) -> None:
    assert result(regexp) == expected


# --- What the tests of others have


@pytest.mark.parametrize(
    ("regexp", "expected"),
    [
        # Sprout's
        (rb"!(^.*$)!sip:\1@example.com!", b"sip:+1234@example.com"),
        (b"!5678!!", None),
        # Asterisk's
        (b"0.*0horse.mane0", b"horse.mane"),
        (rb"!.*!\!\!\!!", b"!!!"),
        (rb"!(.)(.)(.)(.)!\1.m.\2.n\3.o\4!", b"+.m.1.n2.o3"),
    ],
)
def test_expressions_that_others_accept(regexp: bytes, expected: bytes | None) -> None:
    assert result(regexp, "+1234") == expected


@pytest.mark.parametrize(
    "regexp",
    [
        b"!1234",
        b"!(!!",
        b"!.*!horse.mane",
        rb"!.*!horse.mane\!",
        b"!(.*)!!!",
        b"!.*!horse.mane!o",
        rb"!(.*)!\0!",
        b"!(.*!horse.mane!",
    ],
)
def test_expressions_that_others_refuse(regexp: bytes) -> None:
    assert refusal(regexp)


@pytest.mark.parametrize(
    ("ere", "expected"),
    [(rb"\+([[:digit:]]+?)", b"1234"), (rb"\+(.*?)", b"1234"), (rb"\+(.{1,3}?)", b"123")],
)
def test_a_question_mark_behind_a_count_does_not_make_it_lazy(ere: bytes, expected: bytes) -> None:
    """Sprout refuses it. IEEE Std 1003.1 §9.4.6 leaves several counts in a row undefined: the last
    of them counts what the first makes, and the whole match is the longest (§9.1).
    """
    assert group(ere, "+1234") == expected


# --- ere = <POSIX Extended Regular Expression>: the sections are those of IEEE Std 1003.1


@pytest.mark.parametrize(
    ("ere", "expected"),
    [
        # §9.1: the leftmost match, and of those the longest
        (rb"(44|442|4420)", b"4420"),
        (rb"(0|0.*1|079)", b"0794601"),
        (rb"(2|4)", b"4"),
        # §9.4.9: anchors, wherever they stand
        (rb"^(.*)$", WHOLE),
        (rb"(^4|^\+|4$)", b"+"),
        (rb"(x^|3$)", b"3"),
        # §9.4.3: what has to be escaped to mean itself
        (rb"(\+\^*\.*\[*\$*\(*\)*\|*\**\?*\{*\\*4)", b"+4"),
        # §9.4.6: counts
        (rb"^\+(4{2})", b"44"),
        (rb"^\+(4{3})", None),
        (rb"^\+(.{2,4})", b"4420"),
        (rb"^\+(.{2,})6", b"4420794"),
        (rb"^\+(4{0}.)", b"4"),
        (rb"(.{255})", None),
        (rb"^(.{0,255})$", WHOLE),
        # §9.3.5: bracket expressions
        (rb"([0-37-9]+)", b"2079"),
        (rb"([^0-9]+)", b"+"),
        (rb"([]2]+)", b"2"),
        (rb"([^]+4]+)", b"2079"),
        (rb"([+4-]+)", b"+44"),
        (rb"([-+4]+)", b"+44"),
        (rb"([+--]+)", b"+"),
        (rb"([[:digit:]]+)", WHOLE[1:]),
        (rb"([[:digit:]+]+)", WHOLE),
        (rb"([^[:digit:][:alpha:]]+)", b"+"),
        (rb"([[:xdigit:][:punct:]]+)", WHOLE),
        (rb"([.^$*+?(){}|[]+)", b"+"),
        # within one, special characters "shall lose their special meaning", and so the backslash
        (rb"([\+0-9]+)", WHOLE),
        (rb"([+0-9\]+)", WHOLE),
        (rb"([^\]+)", WHOLE),
        (rb"([\d]+)", None),
        (rb"([\061]+)", b"0"),
        (rb"([\x32]+)", b"2"),
        (rb"([+-\]+)", WHOLE),
        (rb"([\]]+)", None),
        # octets that are no UTF-8, and NUL
        (b"(\xff*\\+[^\xc3\x28]*)", WHOLE),
        (b"(\0*[^\0]+)", WHOLE),
        (b"(\xff)", None),
        (b"([\0-\xff]+)", WHOLE),
    ],
)
def test_a_pattern_means_what_posix_says(ere: bytes, expected: bytes | None) -> None:
    assert group(ere) == expected


@pytest.mark.parametrize(
    "ere",
    [
        *["(", ")", "(()", "4)", "[", "[4", "[[:digit:]", "[]", "[^]"],
        *["*", "?4", "{2}", "(*4)", "4|*", "4{2,1}", "[9-0]", "[[:x:]]"],
        # too costly
        *["^.{0,255}.{0,255}.{0,255}.{0,255}.{0,255}$", "(.{40}){40}", "((((.{9}){9}){9}){9})"],
        # not POSIX's, but Perl's
        *["(?:4)", "(?i)x", "(?=4)", "(?P<x>4)"],
    ],
)
def test_what_is_no_pattern_is_refused(ere: str) -> None:
    assert refusal(f"!{ere}~~".replace("!", "~").encode()).startswith("its pattern cannot be used:")


@pytest.mark.parametrize("ere", [r"\d", r"\b4", r"\1", r"(4)\1", r"\061", r"\x32", r"\Q4\E", r"\z"])
def test_an_escape_that_posix_leaves_undefined_is_refused(ere: str) -> None:
    """RFC 6116 §5.2: "If it is not clear how the Regexp field should be interpreted, the client
    MUST discard the NAPTR." Each implementation has a meaning of its own for these.
    """
    assert "which POSIX gives no meaning" in refusal(f"!{ere}!!".encode())


@pytest.mark.parametrize(
    ("ere", "reason"),
    [
        # RE_DUP_MAX (limits.h): 255 is what every implementation takes
        ("4{256}", "its pattern repeats more than 255 times: {256}"),
        ("4{256,}", "its pattern repeats more than 255 times: {256,}"),
        ("4{0,256}", "its pattern repeats more than 255 times: {0,256}"),
        ("4{1,9999999999999}", "its pattern repeats more than 255 times: {1,9999999999999}"),
        # §9.3.5, items 2 and 3
        ("[[.+.]4]", "its pattern has collating elements: [[.+.]"),
        ("[0-9[=+=]]", "its pattern has collating elements: [0-9[=+=]"),
    ],
)
def test_what_is_not_supported_is_said(ere: str, reason: str) -> None:
    assert refusal(f"!{ere}!!".encode()) == reason


@pytest.mark.parametrize("delimiter", ["0", ","])
def test_an_escaped_delimiter_hides_no_count(delimiter: str) -> None:
    ere = "4{1,300}".replace(delimiter, f"\\{delimiter}")
    assert "more than 255 times" in refusal(f"{delimiter}{ere}{delimiter}{delimiter}".encode())


@pytest.mark.parametrize("count", ["*", "+", "?", "{15}", "{0,15}", "{1,15}"])
@pytest.mark.parametrize("octet", ["4", ".", "[^+]", "[[:digit:]]", "[13579]", "[^13579]"])
@pytest.mark.parametrize("flags", ["", "i"])
def test_what_is_meant_to_be_matched_is_never_too_costly(
    octet: str, count: str, flags: str
) -> None:
    """A number has 15 digits at most."""
    result(f"!{(octet + count) * 10}!!{flags}".encode())


# --- The plus that should have been escaped


@pytest.mark.parametrize(
    ("ere", "expected"),
    [
        # where a pattern, a group or an alternative begins, it can mean itself alone
        (rb"^+(44)", b"44"),
        (rb"+(44)", b"44"),
        (rb"(+44)", b"+44"),
        (rb"^(+44)", b"+44"),
        (rb"(^+44)", b"+44"),
        (rb"((+44)20)", b"+4420"),
        (rb"(a|+44)", b"+44"),
        (rb"(+1|+44)", b"+44"),
        (rb"a|+(44)", b"44"),
        (rb"^++(44)", b"44"),
        (rb"^+?(44)", b"44"),
        (rb"^+{1}(44)", b"44"),
        # elsewhere it repeats what is before it
        (rb"^.(4+)", b"44"),
        (rb"^.([4]+)", b"44"),
        (rb"^[]+]+(44)", b"44"),
        (rb"^.((4)+)", b"44"),
        (rb"^.(4{1}+)", b"44"),
        (rb"^(\++)", b"+"),
        (rb"(\^+)", None),
        (rb"(\(+4)", None),
        (rb"(\|+4)", None),
        # in a bracket expression it is an octet as others
        (rb"^[+](44)", b"44"),
        (rb"([^+]+)", b"442079460123"),
        (rb"([(+4]+)", b"+44"),
        (rb"([|+4]+)", b"+44"),
        (rb"([^+-3]+)", b"44"),
        (rb"^([^]+]|+)", b"+"),
    ],
)
def test_a_plus_with_nothing_to_repeat_means_itself(ere: bytes, expected: bytes | None) -> None:
    """RFC 6116 §5.1: "the literal character '+' MUST be escaped", and often it is not."""
    assert group(ere) == expected


# --- Beside an independent matcher


@pytest.mark.parametrize(
    ("ere", "subject", "expected"),
    [
        # those of Glenn Fowler's tests that show the rule of §9.1
        (b"(a|ab)(c|bcd)(d*)", b"abcd", [b"abcd", b"ab", b"c", b"d"]),
        (b"(a|ab)(bcd|c)(d*)", b"abcd", [b"abcd", b"ab", b"c", b"d"]),
        (b"(a*)(b|abc)(c*)", b"abc", [b"abc", b"a", b"b", b"c"]),
        (b"(a*)(b|abc)", b"abc", [b"abc", b"", b"abc"]),
        (b"((a|ab)(c|bcd))(d*)", b"abcd", [b"abcd", b"abcd", b"a", b"bcd", b""]),
        (b"(a*)(a|aa)", b"aaaa", [b"aaaa", b"aaa", b"a"]),
        (b"(ab|abab)", b"abbabab", [b"ab", b"ab"]),
        (b"ab|abab", b"xabab", [b"abab"]),
        (b"a(b)|c(d)|a(e)f", b"aef", [b"aef", None, None, b"e"]),
        (b"(a|b)?.*", b"b", [b"b", b"b"]),
        (b"(a|b)*c|(a|ab)*c", b"abc", [b"abc", b"b", None]),
        (b"(.a|.b).*|.*(.a|.b)", b"xa", [b"xa", b"xa", None]),
        (b"(..)*(...)*", b"abcd", [b"abcd", b"cd", None]),
        (b"(a*)*", b"x", [b"", b""]),
        (b"(a*)*", b"aax", [b"aa", b"aa"]),
        (b"(a*)+", b"aa", [b"aa", b"aa"]),
        (b"(a*){2}", b"aa", [b"aa", b""]),
        (b"(a|(b))*", b"ba", [b"ba", b"a", None]),
        (b"a*(^a)", b"aa", [b"a", b"a"]),
        (b"x(^a)", b"xa", None),
        (b"[[:digit:]]+$", b"a1x12", [b"12"]),
    ],
)
def test_the_independent_matcher(
    ere: bytes, subject: bytes, expected: list[bytes | None] | None
) -> None:
    found = search(parse(ere), subject, Rule.LONGEST)
    numbers = range(len(expected or ()))
    assert (found and [found.get(number) for number in numbers]) == expected


def submatches(ere: str, number: str) -> list[bytes] | None:
    """The whole match and what the groups get, of which eight can be referred to."""
    references = "/".join(f"\\{place}" for place in range(1, groups_of(ere) + 2))
    found = result(f"!({ere})!{references}!".encode(), number)
    return None if found is None else found.split(b"/")


def independent_submatches(ere: str, number: str, rule: Rule) -> list[bytes] | None:
    found = search(parse(ere.encode()), number.encode(), rule)
    return None if found is None else [found.get(n, b"") for n in range(groups_of(ere) + 1)]


def groups_of(ere: str) -> int:
    return min(ere.count("("), 8)


def is_short(ere: str) -> bool:
    return len(ere) <= 200


@given(eres().filter(is_short), ere_subjects)
@example(r"^(\+1|\+12)(.*)$", "+1234")
@example("((^)*|.+){1,}2", "+112")
def test_what_matches_is_what_posix_says(ere: str, number: str) -> None:
    """Of the groups that is not always so: they get what `Rule.FIRST` says."""
    found = submatches(ere, number)
    posix = independent_submatches(ere, number, Rule.LONGEST)
    assert (found and found[0]) == (posix and posix[0])
    assert found == independent_submatches(ere, number, Rule.FIRST)


@given(eres_read_alike().filter(is_short), ere_subjects)
@example(r"^\+1(1?)(1{0,2})((2*)(.*))3$", "+1111223")
@example("((12|21)|(1.))(1*)", "+2111")
@example(r"^(\+1|\+12)(.*)$", "+1234")
@example(r"^(\+(1|12|123)(2*)(3?))(.*)$", "+122344")
@example("(1?)(1|111)(.*)", "+1114")
def test_groups_get_what_posix_says_where_every_way_is_alike(ere: str, number: str) -> None:
    assert submatches(ere, number) == independent_submatches(ere, number, Rule.LONGEST)


@pytest.mark.parametrize(
    ("ere", "expected"),
    [
        (rb"^\+(44|442)(.*)$", b"442"),
        (rb"^(\+44|\+442)(.*)$", b"+442"),
        (rb"^(+44|+442)(.*)$", b"+442"),
        (rb"^\+(1|4|44|442|4420|33)(.*)$", b"4420"),
        (rb"^\+(4|44|442|4420)20(.*)$", b"44"),
        (rb"^(\+(44|442)2?(.*))$", WHOLE),
        (rb"^\+(|44)(.*)$", b"44"),
        # an escaped parenthesis begins no group, nor ends one
        (rb"(\(44|442)", b"442"),
        (rb"(44|442\))", b"44"),
        (rb"(\|44|442)", b"442"),
        # within a bracket expression it is a set of octets, where it may end and begin a range
        (rb"([(4|42)]+)", b"442"),
        (rb"([#-(4|42)-+]+)", b"+442"),
        (rb"([^(4|42)]+)", b"+"),
        (rb"([^(\+4|\+42)]+)", b"079"),
    ],
)
def test_of_plain_numbers_a_group_gets_the_longest(ere: bytes, expected: bytes) -> None:
    """§9.1, and RFC 3402 §3.2, which has the pattern be one of POSIX."""
    assert group(ere) == expected


@pytest.mark.parametrize(
    ("ere", "posix", "first"),
    [
        # alternatives of which one goes on where the other ends, and which are no plain numbers
        (r"^\+(4.|442)(.*)$", [b"442", b"079460123"], [b"44", b"2079460123"]),
        (r"^\+(442|4.)(.*)$", [b"442", b"079460123"], [b"442", b"079460123"]),
        (r"(^\+44|^\+442)(.*)$", [b"+442", b"079460123"], [b"+44", b"2079460123"]),
        # or which are repeated
        (r"^\+(44|442){1}(.*)$", [b"442", b"079460123"], [b"44", b"2079460123"]),
        # plain numbers in a group, behind what may be of one length or another
        (r"^\+(4?(4|442))", [b"442", b"442"], [b"442", b"442"]),
        (r"^\+(4?(4|442)).*$", [b"442", b"442"], [b"44", b"4"]),
        (r"^\+4((4|42)(0|207)).*$", [b"4207", b"4", b"207"], [b"420", b"42", b"0"]),
        # a group that may be there or not, behind what it begins with
        (r"^\+(4?(42)?)(2?)", [b"442", b"42", b""], [b"442", b"42", b""]),
        (r"^\+4(4?(42)?)(2?)", [b"42", b"42", b""], [b"4", b"", b"2"]),
        # a group within one that is repeated
        (r"^\+((4)|(2))*", [b"2", b"", b"2"], [b"2", b"4", b"2"]),
        # the null string, where a count leaves room for it
        (r"^\+(4*){0,2}", [b"44"], [b""]),
    ],
)
def test_where_groups_may_get_something_else(
    ere: str, posix: list[bytes], first: list[bytes]
) -> None:
    for rule, expected in ((Rule.LONGEST, posix), (Rule.FIRST, first)):
        found = independent_submatches(ere, NUMBER, rule)
        assert found is not None
        assert found[1:] == expected
    assert submatches(ere, NUMBER) == independent_submatches(ere, NUMBER, Rule.FIRST)


# --- Without the extra

ZONE = """
example.com. A 192.0.2.1
3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa. NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .
"""


@pytest.fixture(params=[None, ModuleType("re2")], ids=["nothing", "another module"])
def _without_re2(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    substitution._matcher.cache_clear()
    monkeypatch.setitem(sys.modules, "re2", request.param)
    yield
    substitution._matcher.cache_clear()


@pytest.mark.usefixtures("_without_re2")
def test_what_is_missing_is_said_before_anything_is_asked() -> None:
    missing = r"google-re2, which is not installed: pip install 'sipresolve\[enum\]'"
    with pytest.raises(Misuse, match=missing) as raised:
        require_matcher()
    assert isinstance(raised.value.__cause__, (ImportError, AttributeError))
    with Resolver(ZoneBackend.from_text(ZONE)) as resolver:
        for call in (resolver.enum, resolver.resolve, resolver.failover):
            with pytest.raises(Misuse, match=missing):
                call(f"tel:{NUMBER}")


def test_the_matcher_is_imported_by_who_maps_numbers_and_by_nobody_else() -> None:
    program = f"""
import sys
from sipresolve import Resolver
from sipresolve.backends import ZoneBackend
with Resolver(ZoneBackend.from_text('''{ZONE}''')) as resolver:
    assert resolver.resolve("sip:example.com;transport=udp").targets
    assert "re2" not in sys.modules
    assert resolver.enum("{NUMBER}").uris
    assert "re2" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603 - our own

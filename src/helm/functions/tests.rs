//! Every expression of `tests/cases.txt` has been run through Go's
//! `text/template` with the functions of Helm 4.3.1 (sprig 3.3.0); the results
//! behind the arrows are Go's.

mod evaluator;
mod properties;

use std::collections::HashSet;

use self::evaluator::Fixture;
use self::evaluator::describe;
use crate::helm::compatibility::Compatibility;

/// Returns what Go says of a failing function, without where it failed.
fn reason(expected: &str) -> Option<&str> {
    let text = expected.strip_prefix("ERROR ")?;
    let (_, reason) = text.rsplit_once("error calling ")?;
    reason.split_once(": ").map(|(_, reason)| reason)
}

/// Results that differ on purpose: the wording of a few errors, which the
/// `regex` crate and Rust's own parsers word in their way.
fn is_same_failure(expression: &str, expected: &str, actual: &str) -> bool {
    let same_beginning = |prefix: &str| expected.starts_with(prefix) && actual.starts_with(prefix);
    match expression.split(' ').next().unwrap() {
        "regexFind" => same_beginning("regexp: Compile(`a(`): error parsing regexp: "),
        _ => false,
    }
}

#[test]
fn agrees_with_go() {
    let fixture = Fixture::new(Compatibility::Helm4);
    let mut failures = Vec::new();
    let mut count = 0;
    for line in include_str!("tests/cases.txt").lines() {
        let Some((expression, expected)) = line.split_once("\t=>\t") else {
            continue;
        };
        count += 1;
        let result = fixture.evaluate(expression);
        let (expected, actual) = match (&result, reason(expected)) {
            (Err(error), Some(reason)) => (reason.to_owned(), error.0.replace('\n', "\\n")),
            (Err(error), None) => (expected.to_owned(), format!("ERROR {error}")),
            (Ok(value), _) => (expected.to_owned(), describe(value).replace('\n', "\\n")),
        };
        // Go tells a nil slice from an empty one; here both are empty.
        let empty = expected == "nil-slice" && actual.ends_with("[]");
        if actual != expected && !empty && !is_same_failure(expression, &expected, &actual) {
            failures.push(format!("{expression}\n  want {expected}\n  have {actual}"));
        }
    }
    assert!(count > 800, "only {count} cases");
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

/// The functions of sprig 3.3.0 but `env` and `expandenv`, and Helm's own.
const NAMES: &str = "
    hello ago date date_in_zone date_modify dateInZone dateModify duration durationRound htmlDate
    htmlDateInZone must_date_modify mustDateModify mustToDate now toDate unixEpoch abbrev
    abbrevboth trunc trim upper lower title untitle substr repeat trimall trimAll trimSuffix
    trimPrefix nospace initials randAlphaNum randAlpha randAscii randNumeric swapcase shuffle
    snakecase camelcase kebabcase wrap wrapWith contains hasPrefix hasSuffix quote squote cat
    indent nindent replace plural sha1sum sha256sum sha512sum adler32sum toString atoi int64 int
    float64 seq toDecimal split splitList splitn toStrings until untilStep add1 add sub div mod
    mul randInt add1f addf subf divf mulf biggest max min maxf minf ceil floor round join
    sortAlpha default empty coalesce all any compact mustCompact fromJson toJson toPrettyJson
    toRawJson mustFromJson mustToJson mustToPrettyJson mustToRawJson ternary deepCopy mustDeepCopy
    typeOf typeIs typeIsLike kindOf kindIs deepEqual getHostByName base dir clean ext isAbs osBase
    osClean osDir osExt osIsAbs b64enc b64dec b32enc b32dec tuple list dict get set unset hasKey
    pluck keys pick omit merge mergeOverwrite mustMerge mustMergeOverwrite values append push
    mustAppend mustPush prepend mustPrepend first mustFirst rest mustRest last mustLast initial
    mustInitial reverse mustReverse uniq mustUniq without mustWithout has mustHas slice mustSlice
    concat dig chunk mustChunk bcrypt htpasswd genPrivateKey derivePassword buildCustomCert genCA
    genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey
    encryptAES decryptAES randBytes uuidv4 semver semverCompare regexMatch mustRegexMatch
    regexFindAll mustRegexFindAll regexFind mustRegexFind regexReplaceAll mustRegexReplaceAll
    regexReplaceAllLiteral mustRegexReplaceAllLiteral regexSplit mustRegexSplit regexQuoteMeta
    urlParse urlJoin toYaml toYamlPretty fromYaml fromYamlArray toToml fromToml fromJsonArray
    include tpl required fail lookup";

/// What Helm 4 has on top.
const HELM_4_NAMES: &str = "mustToYaml mustToToml mustToDuration durationSeconds
    durationMilliseconds durationMicroseconds durationNanoseconds durationMinutes durationHours
    durationDays durationWeeks durationRoundTo durationTruncateTo";

#[test]
fn the_table_has_exactly_the_functions_of_helm() {
    let helm_3: HashSet<&str> = NAMES.split_whitespace().collect();
    let helm_4: HashSet<&str> = HELM_4_NAMES.split_whitespace().chain(helm_3.clone()).collect();
    for (compatibility, names) in [(Compatibility::Helm3, helm_3), (Compatibility::Helm4, helm_4)] {
        let table: HashSet<&str> = super::table(compatibility).into_keys().collect();
        let missing: Vec<_> = names.difference(&table).collect();
        let extra: Vec<_> = table.difference(&names).collect();
        assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, extra {extra:?}");
    }
}

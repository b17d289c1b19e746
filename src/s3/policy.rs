//! Bucket policies, compared by what they mean.
//!
//! MinIO stores a policy in a form of its own: lists for single values, sorted, without
//! duplicates, `"*"` as `{"AWS":["*"]}`. Compared as text, every policy would drift for ever.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

/// The members of a statement that hold one text or a set of texts.
const SETS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

/// Is a bucket policy, or none; two are equal when they allow and deny the same.
#[derive(Debug, Clone)]
pub struct Policy {
    text: String,
    meaning: Value,
}

/// Compares what the policies mean, not how they are written.
impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.meaning == other.meaning
    }
}

impl Eq for Policy {}

/// Says why a text is not a bucket policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The text is not JSON.
    #[error("The bucket policy is not valid JSON: {problem} at line {line}, column {column}.")]
    Json {
        /// What the parser found.
        problem: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1; 0 at the very end of a line.
        column: usize,
    },
    /// It is JSON, but not a policy.
    #[error("The bucket policy is not valid: {place} {problem}.")]
    Shape {
        /// Where, such as `Statement[0].Effect`.
        place: String,
        /// What is wrong there.
        problem: String,
    },
}

impl Policy {
    /// Returns the policy that is none: nothing but what users' own policies say.
    pub fn none() -> Self {
        Self { text: String::new(), meaning: Value::Null }
    }

    /// Says whether this is [`Policy::none`].
    pub fn is_none(&self) -> bool {
        self.meaning.is_null()
    }

    /// Returns the policy's JSON as it was written; empty for none.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns a policy that a server has. One that [`Policy::parse`] would refuse is kept as it
    /// is, different from every other: somebody else's policy must not make reading fail.
    pub(crate) fn found(text: String) -> Self {
        Self::parse(&text).unwrap_or_else(|_| Self { meaning: Value::from(text.as_str()), text })
    }

    /// Reads a policy's JSON and checks its shape by
    /// [the policy language](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html),
    /// as far as MinIO follows it. Text of only spaces is no policy.
    ///
    /// Which actions exist is left to the server, which knows its own version.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.trim().is_empty() {
            return Ok(Self::none());
        }
        let document: Value = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let problem = message.split(" at line ").next().unwrap_or(&message).to_owned();
            PolicyError::Json { problem, line: error.line(), column: error.column() }
        })?;
        Ok(Self { text: text.to_owned(), meaning: document_meaning(&document)? })
    }
}

fn wrong(place: impl Into<String>, problem: impl Into<String>) -> PolicyError {
    PolicyError::Shape { place: place.into(), problem: problem.into() }
}

fn document_meaning(document: &Value) -> Result<Value, PolicyError> {
    let Value::Object(document) = document else {
        return Err(wrong("the document", "must be an object"));
    };
    let mut meaning = Map::new();
    for (name, value) in document {
        match (name.as_str(), value) {
            ("Version", Value::String(version)) if version == "2012-10-17" => {
                meaning.insert(name.clone(), value.clone());
            }
            ("Version", _) => return Err(wrong("`Version`", "must be \"2012-10-17\"")),
            // MinIO gives `Id` back as `ID`. It names the document and means nothing.
            ("Id" | "ID", Value::String(_)) => {}
            ("Id" | "ID", _) => return Err(wrong(format!("`{name}`"), "must be a text")),
            ("Statement", _) => {
                meaning.insert(name.clone(), statements_meaning(value)?);
            }
            _ => {
                return Err(wrong(
                    format!("`{name}`"),
                    "is not a member of a policy (`Version`, `Id`, `Statement`)",
                ));
            }
        }
    }
    for needed in ["Version", "Statement"] {
        if !meaning.contains_key(needed) {
            return Err(wrong(format!("`{needed}`"), "is missing"));
        }
    }
    Ok(Value::Object(meaning))
}

fn statements_meaning(value: &Value) -> Result<Value, PolicyError> {
    let statements = match value {
        Value::Array(statements) if statements.is_empty() => {
            return Err(wrong("`Statement`", "is empty; leave the policy out to have none"));
        }
        Value::Array(statements) => statements.as_slice(),
        Value::Object(_) => std::slice::from_ref(value),
        _ => return Err(wrong("`Statement`", "must be a list of objects")),
    };
    let mut meanings = Vec::with_capacity(statements.len());
    for (index, statement) in statements.iter().enumerate() {
        meanings.push(statement_meaning(&format!("Statement[{index}]"), statement)?);
    }
    // Every statement is always looked at, so neither order nor repetition means anything.
    meanings.sort_by_cached_key(Value::to_string);
    meanings.dedup();
    Ok(Value::Array(meanings))
}

fn statement_meaning(place: &str, statement: &Value) -> Result<Value, PolicyError> {
    let Value::Object(statement) = statement else {
        return Err(wrong(format!("`{place}`"), "must be an object"));
    };
    let mut meaning = Map::new();
    for (name, value) in statement {
        let at = format!("`{place}.{name}`");
        let member = match name.as_str() {
            "Sid" if value.is_string() => {
                // An empty one is the same as none.
                if value.as_str() == Some("") {
                    continue;
                }
                value.clone()
            }
            "Sid" => return Err(wrong(at, "must be a text")),
            "Effect" if matches!(value.as_str(), Some("Allow" | "Deny")) => value.clone(),
            "Effect" => return Err(wrong(at, "must be \"Allow\" or \"Deny\"")),
            "Principal" => principal_meaning(&at, value)?,
            "Condition" => condition_meaning(&at, value)?,
            set if SETS.contains(&set) => text_set(&at, value)?,
            _ => return Err(wrong(at, "is not a member of a bucket policy's statement")),
        };
        meaning.insert(name.clone(), member);
    }
    for needed in
        [&["Effect"][..], &["Principal"], &["Action", "NotAction"], &["Resource", "NotResource"]]
    {
        if !needed.iter().any(|name| meaning.contains_key(*name)) {
            let missing = needed.first().copied().unwrap_or_default();
            return Err(wrong(format!("`{place}.{missing}`"), "is missing"));
        }
    }
    Ok(Value::Object(meaning))
}

fn principal_meaning(at: &str, value: &Value) -> Result<Value, PolicyError> {
    let members = match value {
        Value::String(everybody) if everybody == "*" => {
            Map::from_iter([("AWS".to_owned(), Value::from(vec!["*"]))])
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| Ok((name.clone(), text_set(at, value)?)))
            .collect::<Result<_, _>>()?,
        _ => return Err(wrong(at, "must be \"*\" or an object such as {\"AWS\": [\"*\"]}")),
    };
    Ok(Value::Object(members))
}

fn condition_meaning(at: &str, value: &Value) -> Result<Value, PolicyError> {
    let Value::Object(operators) = value else {
        return Err(wrong(at, "must be an object"));
    };
    let mut meaning = Map::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else {
            return Err(wrong(format!("{at} `{operator}`"), "must be an object"));
        };
        let mut sets = Map::new();
        for (key, values) in keys {
            sets.insert(key.clone(), scalar_set(&format!("{at} `{operator}` `{key}`"), values)?);
        }
        meaning.insert(operator.clone(), Value::Object(sets));
    }
    Ok(Value::Object(meaning))
}

/// Returns one text or a list of texts as a sorted list without duplicates.
fn text_set(at: &str, value: &Value) -> Result<Value, PolicyError> {
    let texts = one_or_many(value);
    if texts.is_empty() || !texts.iter().all(Value::is_string) {
        return Err(wrong(at, "must be a text or a list of texts that is not empty"));
    }
    scalar_set(at, value)
}

/// Like [`text_set`], of numbers and booleans too, which conditions compare by their text.
fn scalar_set(at: &str, value: &Value) -> Result<Value, PolicyError> {
    let mut set = BTreeSet::new();
    for scalar in one_or_many(value) {
        set.insert(match scalar {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => scalar.to_string(),
            _ => {
                return Err(wrong(
                    at,
                    "must be a text, a number, true or false, or a list of these",
                ));
            }
        });
    }
    Ok(set.into_iter().collect())
}

fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

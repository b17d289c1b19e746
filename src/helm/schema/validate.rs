//! Runs the validator and turns its errors into findings.

use jsonschema::JsonType;
use jsonschema::Retrieve;
use jsonschema::Uri;
use jsonschema::ValidationError;
use jsonschema::error::TypeKind;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value as Json;

use crate::helm::schema::Finding;
use crate::helm::schema::message;
use crate::helm::schema::message::quote;
use crate::helm::schema::message::shown;

/// Validates the values of one chart.
///
/// The error says what is wrong with the schema itself.
pub(super) fn run(
    chart: &str,
    schema: &[u8],
    values: &Json,
    defaults: &Json,
) -> Result<Vec<Finding>, String> {
    let schema: Json = serde_json::from_slice(schema).map_err(|error| error.to_string())?;
    let validator = jsonschema::options()
        .with_retriever(Offline)
        .build(&schema)
        .map_err(|error| error.to_string())?;
    let context = Context { chart, schema: &schema, defaults };
    let mut findings: Vec<Finding> = Vec::new();
    for error in validator.iter_errors(values) {
        context.add(&error, &mut findings);
    }
    findings.sort_by(|left, right| left.pointer.cmp(&right.pointer));
    findings.dedup();
    Ok(findings)
}

/// Answers references to other documents without leaving the machine.
struct Offline;

impl Retrieve for Offline {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        // Helm lets everything pass where it does not know a `urn:`.
        if uri.scheme().as_str() == "urn" {
            return Ok(Json::Bool(true));
        }
        Err(format!(
            "it refers to `{uri}`, and schemas are not fetched from elsewhere. \
             Put what it refers to into `$defs` of the schema."
        )
        .into())
    }
}

struct Context<'a> {
    chart: &'a str,
    schema: &'a Json,
    defaults: &'a Json,
}

/// Is what a finding says, before it has its place.
struct Words {
    wanted: String,
    helm: String,
}

impl Context<'_> {
    fn add(&self, error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
        let pointer = error.instance_path().as_str();
        match error.kind() {
            Kind::AdditionalProperties { unexpected }
            | Kind::UnevaluatedProperties { unexpected } => {
                for name in unexpected {
                    findings.push(self.unknown(error, pointer, name, unexpected));
                }
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                findings.push(Finding {
                    pointer: format!("{pointer}/{}", message::escape(name)),
                    path: String::new(),
                    wanted: format!("requires `{name}`, and it is not set"),
                    got: String::new(),
                    got_masked: String::new(),
                    hint: None,
                    helm: format!("at '{pointer}': missing property {}", quote(name)),
                    chart: self.chart.to_owned(),
                });
            }
            Kind::PropertyNames { error: inner } => {
                let name = inner.instance().as_str().unwrap_or_default().to_owned();
                let words = self.words(inner);
                findings.push(Finding {
                    pointer: format!("{pointer}/{}", message::escape(&name)),
                    path: String::new(),
                    wanted: format!("does not take `{name}` for a name here: it {}", words.wanted),
                    got: String::new(),
                    got_masked: String::new(),
                    hint: None,
                    helm: format!("at '{pointer}': invalid propertyName {}", quote(&name)),
                    chart: self.chart.to_owned(),
                });
            }
            _ => {
                let words = self.words(error);
                findings.push(Finding {
                    pointer: pointer.to_owned(),
                    path: String::new(),
                    wanted: words.wanted,
                    got: format!("it got {}", message::described(error.instance())),
                    got_masked: format!("it got {}", message::kind(error.instance())),
                    hint: None,
                    helm: format!("at '{pointer}': {}", words.helm),
                    chart: self.chart.to_owned(),
                });
            }
        }
    }

    fn unknown(
        &self,
        error: &ValidationError<'_>,
        pointer: &str,
        name: &str,
        all: &[String],
    ) -> Finding {
        let listed: Vec<String> = all.iter().map(|name| quote(name)).collect();
        let known = self.known_names(error);
        Finding {
            pointer: format!("{pointer}/{}", message::escape(name)),
            path: String::new(),
            wanted: format!("does not know `{name}`"),
            got: String::new(),
            got_masked: String::new(),
            hint: message::meant(name, &known),
            helm: format!(
                "at '{pointer}': additional properties {} not allowed",
                listed.join(", ")
            ),
            chart: self.chart.to_owned(),
        }
    }

    /// Returns the names of the properties beside the keyword that failed.
    fn known_names(&self, error: &ValidationError<'_>) -> Vec<String> {
        self.beside(error, "properties")
            .and_then(Json::as_object)
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Returns what another keyword says beside the one that failed. References
    /// into other documents lead nowhere here, and only cost a hint.
    fn beside(&self, error: &ValidationError<'_>, other: &str) -> Option<&Json> {
        let (holder, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.schema.pointer(holder)?.get(other)
    }

    /// Returns ` such as "10Gi"`, from the schema's examples or the chart's default.
    fn example(&self, error: &ValidationError<'_>, fits: impl Fn(&Json) -> bool) -> String {
        let example = self
            .beside(error, "examples")
            .and_then(|examples| examples.get(0))
            .or_else(|| self.beside(error, "default"))
            .or_else(|| self.defaults.pointer(error.instance_path().as_str()))
            .filter(|example| fits(example) && example.as_str() != Some(""));
        match example {
            Some(example) if !example.is_object() && !example.is_array() => {
                format!(" such as {}", shown(example))
            }
            _ => String::new(),
        }
    }

    fn words(&self, error: &ValidationError<'_>) -> Words {
        let instance = error.instance();
        let count = |unit: &str, number: &str| {
            if number == "1" { format!("1 {unit}") } else { format!("{number} {unit}s") }
        };
        let length = || instance.as_str().map_or(0, |text| text.chars().count());
        let items = || instance.as_array().map_or(0, Vec::len);
        let properties = || instance.as_object().map_or(0, serde_json::Map::len);
        let limit = |name: &str, wanted: String, got: String, limit: &str| Words {
            wanted,
            helm: format!("{name}: got {got}, want {limit}"),
        };
        match error.kind() {
            Kind::Type { kind } => self.wrong_type(error, kind),
            Kind::Enum { options } => {
                let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
                let plain: Vec<String> = options.iter().map(shown).collect();
                let helm: Vec<String> = options.iter().map(message::helm_value).collect();
                Words {
                    wanted: match plain.as_slice() {
                        [single] => format!("asks for {single}"),
                        _ => format!("asks for one of {}", plain.join(", ")),
                    },
                    helm: match helm.as_slice() {
                        [single] => format!("value must be {single}"),
                        _ => format!("value must be one of {}", helm.join(", ")),
                    },
                }
            }
            Kind::Constant { expected_value } => Words {
                wanted: format!("asks for {}", shown(expected_value)),
                helm: format!("value must be {}", message::helm_value(expected_value)),
            },
            Kind::Pattern { pattern } => Words {
                wanted: format!(
                    "asks for a string that matches `{pattern}`{}",
                    self.example(error, Json::is_string)
                ),
                helm: format!(
                    "{} does not match pattern {}",
                    quote(instance.as_str().unwrap_or_default()),
                    quote(pattern)
                ),
            },
            Kind::Format { format } => Words {
                wanted: format!(
                    "asks for a string in the format `{format}`{}",
                    self.example(error, Json::is_string)
                ),
                helm: format!("{} is not valid {format}", message::helm_value(instance)),
            },
            Kind::MinLength { limit: n } => limit(
                "minLength",
                format!("asks for at least {}", count("character", &n.to_string())),
                length().to_string(),
                &n.to_string(),
            ),
            Kind::MaxLength { limit: n } => limit(
                "maxLength",
                format!("asks for at most {}", count("character", &n.to_string())),
                length().to_string(),
                &n.to_string(),
            ),
            Kind::MinItems { limit: n } => limit(
                "minItems",
                format!("asks for at least {}", count("item", &n.to_string())),
                items().to_string(),
                &n.to_string(),
            ),
            Kind::MaxItems { limit: n } => limit(
                "maxItems",
                format!("asks for at most {}", count("item", &n.to_string())),
                items().to_string(),
                &n.to_string(),
            ),
            Kind::MinProperties { limit: n } => limit(
                "minProperties",
                format!("asks for at least {}", count("key", &n.to_string())),
                properties().to_string(),
                &n.to_string(),
            ),
            Kind::MaxProperties { limit: n } => limit(
                "maxProperties",
                format!("asks for at most {}", count("key", &n.to_string())),
                properties().to_string(),
                &n.to_string(),
            ),
            Kind::Minimum { limit: n } => limit(
                "minimum",
                format!("asks for a number of at least {n}"),
                instance.to_string(),
                &n.to_string(),
            ),
            Kind::Maximum { limit: n } => limit(
                "maximum",
                format!("asks for a number of at most {n}"),
                instance.to_string(),
                &n.to_string(),
            ),
            Kind::ExclusiveMinimum { limit: n } => limit(
                "exclusiveMinimum",
                format!("asks for a number above {n}"),
                instance.to_string(),
                &n.to_string(),
            ),
            Kind::ExclusiveMaximum { limit: n } => limit(
                "exclusiveMaximum",
                format!("asks for a number below {n}"),
                instance.to_string(),
                &n.to_string(),
            ),
            Kind::MultipleOf { multiple_of } => limit(
                "multipleOf",
                format!("asks for a multiple of {multiple_of}"),
                instance.to_string(),
                &multiple_of.to_string(),
            ),
            Kind::UniqueItems => Words {
                wanted: "asks for items that all differ".to_owned(),
                helm: "items are equal".to_owned(),
            },
            Kind::FalseSchema => {
                Words { wanted: "takes no value here".to_owned(), helm: "false schema".to_owned() }
            }
            Kind::Not { .. } => Words {
                wanted: "does not take this value".to_owned(),
                helm: "'not' failed".to_owned(),
            },
            Kind::AnyOf { context } => self.none_of(context, "'anyOf' failed"),
            Kind::OneOfNotValid { context } => {
                self.none_of(context, "'oneOf' failed, none matched")
            }
            Kind::OneOfMultipleValid { .. } => Words {
                wanted: "asks for exactly one of several forms, and more than one fits".to_owned(),
                helm: "'oneOf' failed, subschemas matched".to_owned(),
            },
            Kind::Contains => Words {
                wanted: "asks for a list with certain items, and none is there".to_owned(),
                helm: "no items match contains schema".to_owned(),
            },
            // What is left is rare; the validator's own words without the value do.
            _ => Words {
                wanted: format!("refuses this value ({})", error.masked()),
                helm: error.to_string(),
            },
        }
    }

    fn wrong_type(&self, error: &ValidationError<'_>, kind: &TypeKind) -> Words {
        let wanted: Vec<&str> = match kind {
            TypeKind::Single(single) => vec![single.as_str()],
            TypeKind::Multiple(set) => set.iter().map(JsonType::as_str).collect(),
        };
        let plain: Vec<&str> = wanted.iter().map(|name| message::with_article(name)).collect();
        let fits = |example: &Json| {
            wanted.contains(&message::json_type(example))
                || (example.is_i64() && wanted.contains(&"integer"))
        };
        Words {
            wanted: format!("asks for {}{}", plain.join(" or "), self.example(error, fits)),
            helm: format!(
                "got {}, want {}",
                message::json_type(error.instance()),
                wanted.join(" or ")
            ),
        }
    }

    /// Joins what each of the alternatives asks for; what two of them ask for
    /// stands only once.
    fn none_of(&self, context: &[Vec<ValidationError<'static>>], helm: &str) -> Words {
        let mut wanted: Vec<String> = Vec::new();
        for error in context.iter().filter_map(|branch| branch.first()) {
            let mut findings = Vec::new();
            self.add(error, &mut findings);
            for finding in findings {
                if !wanted.contains(&finding.wanted) {
                    wanted.push(finding.wanted);
                }
            }
        }
        Words {
            wanted: if wanted.is_empty() {
                "asks for one of several forms".to_owned()
            } else {
                wanted.join(", or ")
            },
            helm: helm.to_owned(),
        }
    }
}

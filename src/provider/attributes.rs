//! Short ways to write a schema.
//!
//! `tf-provider`'s schema is plain structs with public fields; these functions
//! keep a type's schema readable as a table, one attribute a line.

use tf_provider::schema::Attribute;
use tf_provider::schema::AttributeConstraint;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Block;
use tf_provider::schema::Description;
use tf_provider::schema::Schema;

/// Is an attribute under its name.
pub type Named = (&'static str, Attribute);

fn attribute(constraint: AttributeConstraint, kind: AttributeType, text: &str) -> Attribute {
    Attribute {
        attr_type: kind,
        description: Description::markdown(text),
        constraint,
        sensitive: false,
        deprecated: false,
    }
}

/// Describes an attribute that must be set.
pub fn required(kind: AttributeType, text: &str) -> Attribute {
    attribute(AttributeConstraint::Required, kind, text)
}

/// Describes an attribute that may be set.
pub fn optional(kind: AttributeType, text: &str) -> Attribute {
    attribute(AttributeConstraint::Optional, kind, text)
}

/// Describes an attribute that the provider sets.
pub fn computed(kind: AttributeType, text: &str) -> Attribute {
    attribute(AttributeConstraint::Computed, kind, text)
}

/// Describes an attribute that the provider sets unless the user does.
pub fn optional_computed(kind: AttributeType, text: &str) -> Attribute {
    attribute(AttributeConstraint::OptionalComputed, kind, text)
}

/// Makes clients hide the attribute's value.
pub fn sensitive(described: Attribute) -> Attribute {
    Attribute { sensitive: true, ..described }
}

/// Is an object with attributes of its own.
pub fn object<const N: usize>(attributes: [Named; N]) -> AttributeType {
    AttributeType::AttributeSingle(named(attributes))
}

/// Is a list of such objects.
pub fn objects<const N: usize>(attributes: [Named; N]) -> AttributeType {
    AttributeType::AttributeList(named(attributes))
}

/// Is a list of texts.
pub fn strings() -> AttributeType {
    AttributeType::List(Box::new(AttributeType::String))
}

/// Is a map of texts.
pub fn string_map() -> AttributeType {
    AttributeType::Map(Box::new(AttributeType::String))
}

/// Describes a type: its schema version, what it is, and its attributes.
pub fn schema<const N: usize>(version: i64, text: &str, attributes: [Named; N]) -> Schema {
    Schema {
        version,
        block: Block {
            version,
            attributes: named(attributes),
            blocks: std::collections::HashMap::new(),
            description: Description::markdown(text),
            deprecated: false,
        },
    }
}

fn named<const N: usize>(attributes: [Named; N]) -> std::collections::HashMap<String, Attribute> {
    attributes.into_iter().map(|(name, described)| (name.to_owned(), described)).collect()
}

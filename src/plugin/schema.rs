//! Schemas: from `tf-provider`'s description to the wire's, and to the type of a
//! value.
//!
//! `tf-provider` has a conversion of its own, which is private, sends `type`
//! beside `nested_type` (a client refuses that) and knows no write-only
//! attributes.

use std::collections::BTreeMap;
use std::collections::HashMap;

use tf_provider::schema::Attribute;
use tf_provider::schema::AttributeConstraint;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Block;
use tf_provider::schema::Description;
use tf_provider::schema::NestedBlock;
use tf_provider::schema::Schema;
use tf_provider::schema::StringKind;

use crate::plugin::proto::tfplugin6 as wire;
use crate::plugin::types::Type;

/// Names the attributes of the top level that are write-only.
///
/// `tf-provider`'s `Attribute` cannot say it. Only the top level, because
/// nothing here needs more and one level can be nulled without knowing the rest.
pub type WriteOnly = &'static [&'static str];

/// Returns the type of a value of the schema.
pub fn value_type(schema: &Schema) -> Type {
    block_type(&schema.block)
}

fn block_type(block: &Block) -> Type {
    let mut attributes = attribute_types(&block.attributes);
    for (name, nested) in &block.blocks {
        let nested = match nested {
            NestedBlock::Single(block) | NestedBlock::Group(block) => block_type(block),
            NestedBlock::List(block) | NestedBlock::Optional(block) => {
                Type::List(Box::new(block_type(block)))
            }
            NestedBlock::Set(block) => Type::Set(Box::new(block_type(block))),
            NestedBlock::Map(block) => Type::Map(Box::new(block_type(block))),
        };
        attributes.insert(name.clone(), nested);
    }
    Type::Object(attributes)
}

fn attribute_types(attributes: &HashMap<String, Attribute>) -> BTreeMap<String, Type> {
    attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), attribute_type(&attribute.attr_type)))
        .collect()
}

fn attribute_type(attribute: &AttributeType) -> Type {
    let boxed = |inner: &AttributeType| Box::new(attribute_type(inner));
    let object = |attributes| Type::Object(attribute_types(attributes));
    match attribute {
        AttributeType::String => Type::String,
        AttributeType::Number => Type::Number,
        AttributeType::Bool => Type::Bool,
        AttributeType::Any => Type::Dynamic,
        AttributeType::List(inner) => Type::List(boxed(inner)),
        AttributeType::Set(inner) => Type::Set(boxed(inner)),
        AttributeType::Map(inner) => Type::Map(boxed(inner)),
        AttributeType::Object(types) => Type::Object(
            types.iter().map(|(name, inner)| (name.clone(), attribute_type(inner))).collect(),
        ),
        AttributeType::Tuple(types) => Type::Tuple(types.iter().map(attribute_type).collect()),
        AttributeType::AttributeSingle(attributes) => object(attributes),
        AttributeType::AttributeList(attributes) => Type::List(Box::new(object(attributes))),
        AttributeType::AttributeSet(attributes) => Type::Set(Box::new(object(attributes))),
        AttributeType::AttributeMap(attributes) => Type::Map(Box::new(object(attributes))),
    }
}

/// Returns the schema in its wire form. Attributes and blocks come by name, so
/// that two processes answer with the same bytes.
pub fn to_wire(schema: &Schema, write_only: WriteOnly) -> wire::Schema {
    wire::Schema { version: schema.version, block: Some(block(&schema.block, write_only)) }
}

fn block(block: &Block, write_only: WriteOnly) -> wire::schema::Block {
    let (description, description_kind) = description(&block.description);
    let blocks: BTreeMap<_, _> = block.blocks.iter().collect();
    wire::schema::Block {
        version: block.version,
        attributes: attributes(&block.attributes, write_only),
        block_types: blocks.into_iter().map(|(name, nested)| nested_block(name, nested)).collect(),
        description,
        description_kind,
        deprecated: block.deprecated,
    }
}

fn nested_block(name: &str, nested: &NestedBlock) -> wire::schema::NestedBlock {
    use wire::schema::nested_block::NestingMode;
    let (nesting, content, min_items, max_items) = match nested {
        NestedBlock::Single(content) => (NestingMode::Single, content, 1, 1),
        NestedBlock::List(content) => (NestingMode::List, content, 0, 0),
        NestedBlock::Set(content) => (NestingMode::Set, content, 0, 0),
        NestedBlock::Map(content) => (NestingMode::Map, content, 0, 0),
        NestedBlock::Group(content) => (NestingMode::Group, content, 0, 0),
        NestedBlock::Optional(content) => (NestingMode::List, content, 0, 1),
    };
    wire::schema::NestedBlock {
        type_name: name.to_owned(),
        block: Some(block(content, &[])),
        nesting: nesting.into(),
        min_items,
        max_items,
    }
}

fn attributes(
    attributes: &HashMap<String, Attribute>,
    write_only: WriteOnly,
) -> Vec<wire::schema::Attribute> {
    let sorted: BTreeMap<_, _> = attributes.iter().collect();
    sorted
        .into_iter()
        .map(|(name, attribute)| wire_attribute(name, attribute, write_only))
        .collect()
}

fn wire_attribute(
    name: &str,
    attribute: &Attribute,
    write_only: WriteOnly,
) -> wire::schema::Attribute {
    use wire::schema::object::NestingMode;
    let nested = match &attribute.attr_type {
        AttributeType::AttributeSingle(nested) => Some((NestingMode::Single, nested)),
        AttributeType::AttributeList(nested) => Some((NestingMode::List, nested)),
        AttributeType::AttributeSet(nested) => Some((NestingMode::Set, nested)),
        AttributeType::AttributeMap(nested) => Some((NestingMode::Map, nested)),
        _ => None,
    };
    let (description, description_kind) = description(&attribute.description);
    let constraint = &attribute.constraint;
    wire::schema::Attribute {
        name: name.to_owned(),
        // One of the two, never both: a client refuses "Type and NestedType".
        r#type: match nested {
            Some(_) => Vec::new(),
            None => attribute_type(&attribute.attr_type).to_string().into_bytes(),
        },
        nested_type: nested.map(|(nesting, nested)| wire::schema::Object {
            attributes: attributes(nested, &[]),
            nesting: nesting.into(),
        }),
        description,
        description_kind,
        required: *constraint == AttributeConstraint::Required,
        optional: matches!(
            constraint,
            AttributeConstraint::Optional | AttributeConstraint::OptionalComputed
        ),
        computed: matches!(
            constraint,
            AttributeConstraint::Computed | AttributeConstraint::OptionalComputed
        ),
        sensitive: attribute.sensitive,
        deprecated: attribute.deprecated,
        write_only: write_only.contains(&name),
    }
}

fn description(description: &Description) -> (String, i32) {
    let kind = match description.kind {
        StringKind::Plain => wire::StringKind::Plain,
        StringKind::Markdown => wire::StringKind::Markdown,
    };
    (description.content.clone(), kind.into())
}

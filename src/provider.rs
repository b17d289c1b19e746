//! The Terraform types, one file each, named after the type.

pub mod attributes;

//! The calls that describe the provider.

use std::collections::HashMap;

use tf_provider::Diagnostics;

use super::Server;
use crate::plugin::diagnostics;
use crate::plugin::proto::tfplugin6 as wire;
use crate::plugin::schema;
use crate::plugin::types::Type;

/// A provider schema need not be asked for by every process that only applies.
/// `plan_destroy` stays off: a destroy is planned without asking the provider.
const CAPABILITIES: wire::ServerCapabilities = wire::ServerCapabilities {
    plan_destroy: false,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: false,
};

impl Server {
    pub(super) fn metadata(&self) -> wire::Metadata {
        let named = |name: &&'static str| wire::TypeName { type_name: (*name).to_owned() };
        wire::Metadata {
            server_capabilities: Some(CAPABILITIES),
            diagnostics: Vec::new(),
            data_sources: self.registry.data_sources.keys().map(named).collect(),
            resources: self.registry.resources.keys().map(named).collect(),
        }
    }

    pub(super) fn provider_schema(&self) -> wire::ProviderSchema {
        let mut found = Diagnostics::default();
        let provider = self.registry.provider.schema(&mut found);
        let mut resource_schemas = HashMap::new();
        for (name, resource) in &self.registry.resources {
            if let Some(described) = resource.schema(&mut found) {
                let described = schema::to_wire(&described, resource.write_only());
                resource_schemas.insert((*name).to_owned(), described);
            }
        }
        let mut data_source_schemas = HashMap::new();
        for (name, data_source) in &self.registry.data_sources {
            if let Some(described) = data_source.schema(&mut found) {
                data_source_schemas.insert((*name).to_owned(), schema::to_wire(&described, &[]));
            }
        }
        wire::ProviderSchema {
            provider: provider.map(|described| schema::to_wire(&described, &[])),
            resource_schemas,
            data_source_schemas,
            diagnostics: diagnostics::to_wire(found),
            provider_meta: None,
            server_capabilities: Some(CAPABILITIES),
        }
    }

    pub(super) fn identity_schemas(&self) -> wire::IdentitySchemas {
        let identity_schemas = self
            .registry
            .resources
            .iter()
            .filter(|(_, resource)| !resource.identity_attributes().is_empty())
            .map(|(name, resource)| {
                let identity_attributes = resource
                    .identity_attributes()
                    .iter()
                    .map(|attribute| wire::identity_schema::Attribute {
                        name: attribute.name.to_owned(),
                        r#type: Type::String.to_string().into_bytes(),
                        required_for_import: attribute.required,
                        optional_for_import: !attribute.required,
                        description: attribute.description.to_owned(),
                    })
                    .collect();
                let described = wire::IdentitySchema { version: 0, identity_attributes };
                ((*name).to_owned(), described)
            })
            .collect();
        wire::IdentitySchemas { identity_schemas, diagnostics: Vec::new() }
    }
}

//! The calls about data sources.

use tf_provider::Diagnostics;

use super::Server;
use super::Stopped;
use super::no_such_type;
use super::value_in;
use super::value_out;
use crate::plugin::diagnostics;
use crate::plugin::proto::tfplugin6 as wire;
use crate::plugin::schema::value_type;

impl Server {
    pub(super) async fn validate_data_source(&self, request: wire::TypedConfig) -> wire::Outcome {
        let Some(data_source) = self.registry.data_sources.get(request.type_name.as_str()) else {
            return wire::Outcome { diagnostics: no_such_type("data source", &request.type_name) };
        };
        let mut found = Diagnostics::default();
        if let Some(schema) = data_source.schema(&mut found)
            && let Some(config) = value_in(&mut found, request.config, &value_type(&schema))
        {
            data_source.validate(&mut found, config).await;
        }
        wire::Outcome { diagnostics: diagnostics::to_wire(found) }
    }

    pub(super) async fn read_data_source(&self, request: wire::TypedConfig) -> wire::StateAnswer {
        let Some(data_source) = self.registry.data_sources.get(request.type_name.as_str()) else {
            let diagnostics = no_such_type("data source", &request.type_name);
            return wire::StateAnswer { state: None, diagnostics };
        };
        let mut found = Diagnostics::default();
        let mut state = None;
        if let Some(schema) = data_source.schema(&mut found) {
            let expected = value_type(&schema);
            if let Some(config) = value_in(&mut found, request.config, &expected) {
                let reading = data_source.read(&mut found, config);
                let read = self.unless_stopped(reading).await.unwrap_or_else(|Stopped| {
                    Stopped::report(&mut found);
                    None
                });
                state = read.and_then(|read| value_out(&mut found, &read, &expected));
            }
        }
        wire::StateAnswer { state, diagnostics: diagnostics::to_wire(found) }
    }
}

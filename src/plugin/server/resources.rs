//! The calls about resources.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use super::Server;
use super::Stopped;
use super::no_such_type;
use super::value_in;
use super::value_out;
use crate::plugin::diagnostics;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::proto::tfplugin6 as wire;
use crate::plugin::resource::ErasedResource;
use crate::plugin::resource::MovedState;
use crate::plugin::resource::StateAndPrivate;
use crate::plugin::resource::identity_of;
use crate::plugin::resource::identity_type;
use crate::plugin::schema::value_type;
use crate::plugin::state_json;
use crate::plugin::types::Type;

/// Is a resource that a call is about, with the type of its state.
struct Subject<'a> {
    resource: &'a dyn ErasedResource,
    state: Type,
}

impl Subject<'_> {
    /// Writes a state for the client, in the one place where write-only values
    /// are nulled. A client that gets one back loses the resource (Terraform) or
    /// stores the secret (OpenTofu), so no answer may go round this.
    fn state_out(&self, found: &mut Diagnostics, mut state: Dynamic) -> Option<wire::DynamicValue> {
        if let Dynamic::Map(attributes) = &mut state {
            for name in self.resource.write_only() {
                attributes.insert((*name).to_owned(), Dynamic::Null);
            }
        }
        value_out(found, &state, &self.state)
    }

    fn identity_out(&self, found: &mut Diagnostics, state: &Dynamic) -> Option<wire::Identity> {
        let attributes = self.resource.identity_attributes();
        let identity = identity_of(attributes, state);
        if identity.is_null() {
            return None;
        }
        let identity_data = value_out(found, &identity, &identity_type(attributes))?;
        Some(wire::Identity { identity_data: Some(identity_data) })
    }
}

impl Server {
    fn subject(&self, found: &mut Diagnostics, name: &str) -> Option<Subject<'_>> {
        let resource = self.registry.resources.get(name)?.as_ref();
        let state = value_type(&resource.schema(found)?);
        Some(Subject { resource, state })
    }

    pub(super) async fn validate_resource(&self, request: wire::TypedConfig) -> wire::Outcome {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.type_name) else {
            return wire::Outcome { diagnostics: no_such_type("resource", &request.type_name) };
        };
        if let Some(config) = value_in(&mut found, request.config, &subject.state) {
            subject.resource.validate(&mut found, config).await;
        }
        wire::Outcome { diagnostics: diagnostics::to_wire(found) }
    }

    pub(super) fn upgrade_state(&self, request: wire::UpgradeState) -> wire::StateAnswer {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.type_name) else {
            let diagnostics = no_such_type("resource", &request.type_name);
            return wire::StateAnswer { state: None, diagnostics };
        };
        let json = request.raw_state.unwrap_or_default().json;
        let upgraded = String::from_utf8(json)
            .map_err(|error| error.to_string())
            .and_then(|json| subject.resource.upgrade_state(request.version, json))
            .and_then(|json| {
                state_json::decode(&json, &subject.state).map_err(|error| error.to_string())
            });
        let state = match upgraded {
            Ok(state) => subject.state_out(&mut found, state),
            Err(error) => {
                found.report_error(
                    AttributePath::root(),
                    format!("The stored state of a `{}` cannot be read.", request.type_name),
                    format!(
                        "It was written with schema version {}: {error}.\nHint: was it written \
                         by a newer version of the provider?",
                        request.version
                    ),
                );
                None
            }
        };
        wire::StateAnswer { state, diagnostics: diagnostics::to_wire(found) }
    }

    pub(super) fn upgrade_identity(&self, request: wire::UpgradeIdentity) -> wire::IdentityAnswer {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.type_name) else {
            let diagnostics = no_such_type("resource", &request.type_name);
            return wire::IdentityAnswer { upgraded_identity: None, diagnostics };
        };
        let expected = identity_type(subject.resource.identity_attributes());
        let raw = wire::DynamicValue {
            msgpack: Vec::new(),
            json: request.raw_identity.unwrap_or_default().json,
        };
        let upgraded_identity = value_in(&mut found, Some(raw), &expected)
            .and_then(|identity| value_out(&mut found, &identity, &expected))
            .map(|identity_data| wire::Identity { identity_data: Some(identity_data) });
        wire::IdentityAnswer { upgraded_identity, diagnostics: diagnostics::to_wire(found) }
    }

    pub(super) async fn read_resource(&self, request: wire::Read) -> wire::ReadAnswer {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.type_name) else {
            let diagnostics = no_such_type("resource", &request.type_name);
            return wire::ReadAnswer { diagnostics, ..Default::default() };
        };
        let mut answer = wire::ReadAnswer {
            // An error leaves everything as it was: only "not there" makes it null.
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity,
            diagnostics: Vec::new(),
        };
        if let Some(state) = value_in(&mut found, request.current_state, &subject.state) {
            let reading = subject.resource.read(&mut found, state, &request.private);
            let read = self.unless_stopped(reading).await;
            let read = read.unwrap_or_else(|Stopped| {
                Stopped::report(&mut found);
                None
            });
            match read {
                Some((state, private)) => {
                    answer.new_identity = subject.identity_out(&mut found, &state);
                    answer.new_state = subject.state_out(&mut found, state);
                    answer.private = private;
                }
                None if found.errors.is_empty() => {
                    answer.new_state = value_out(&mut found, &Dynamic::Null, &subject.state);
                    answer.new_identity = None;
                }
                None => {}
            }
        }
        answer.diagnostics = diagnostics::to_wire(found);
        answer
    }

    pub(super) async fn plan_resource(&self, request: wire::Plan) -> wire::PlanAnswer {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.type_name) else {
            let diagnostics = no_such_type("resource", &request.type_name);
            return wire::PlanAnswer { diagnostics, ..Default::default() };
        };
        let prior = value_in(&mut found, request.prior_state, &subject.state);
        let proposed = value_in(&mut found, request.proposed_new_state, &subject.state);
        let config = value_in(&mut found, request.config, &subject.state);
        let mut answer = wire::PlanAnswer::default();
        if let (Some(prior), Some(proposed), Some(config)) = (prior, proposed, config) {
            let private = &request.prior_private;
            let planning = subject.resource.plan(&mut found, prior, proposed, config, private);
            let planned = self.unless_stopped(planning).await.unwrap_or_else(|Stopped| {
                Stopped::report(&mut found);
                None
            });
            if let Some(planned) = planned {
                answer.planned_identity = subject.identity_out(&mut found, &planned.state);
                answer.planned_state = subject.state_out(&mut found, planned.state);
                answer.planned_private = planned.private;
                answer.requires_replace =
                    planned.requires_replace.iter().map(diagnostics::path_to_wire).collect();
            }
        }
        answer.diagnostics = diagnostics::to_wire(found);
        answer
    }

    pub(super) async fn apply_resource(&self, request: wire::Apply) -> wire::ApplyAnswer {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.type_name) else {
            let diagnostics = no_such_type("resource", &request.type_name);
            return wire::ApplyAnswer { diagnostics, ..Default::default() };
        };
        let mut answer = wire::ApplyAnswer {
            // What an error leaves behind unless the resource says more: the
            // prior state, which for a create is none.
            new_state: request.prior_state.clone(),
            private: request.planned_private.clone(),
            ..Default::default()
        };
        let prior = value_in(&mut found, request.prior_state, &subject.state);
        let planned = value_in(&mut found, request.planned_state, &subject.state);
        let config = value_in(&mut found, request.config, &subject.state);
        let private = request.planned_private.as_slice();
        if let (Some(prior), Some(planned), Some(config)) = (prior, planned, config) {
            let resource = subject.resource;
            let applied = if planned.is_null() {
                resource.destroy(&mut found, prior, private).await;
                found.errors.is_empty().then_some((Dynamic::Null, Vec::new()))
            } else if prior.is_null() {
                resource.create(&mut found, planned, config, private).await
            } else {
                resource.update(&mut found, prior, planned, config, private).await
            };
            if let Some((state, private)) = applied {
                answer.new_identity = subject.identity_out(&mut found, &state);
                answer.new_state = subject.state_out(&mut found, state);
                answer.private = private;
            }
        }
        answer.diagnostics = diagnostics::to_wire(found);
        answer
    }

    pub(super) async fn import_resource(&self, request: wire::Import) -> wire::ImportAnswer {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.type_name) else {
            let diagnostics = no_such_type("resource", &request.type_name);
            return wire::ImportAnswer { diagnostics, ..Default::default() };
        };
        let mut imported_resources = Vec::new();
        if let Some(id) = import_id(&mut found, &subject, request.id, request.identity) {
            let importing = subject.resource.import(&mut found, id);
            let imported = self.unless_stopped(importing).await.unwrap_or_else(|Stopped| {
                Stopped::report(&mut found);
                None
            });
            if let Some((state, private)) = imported {
                imported_resources.push(wire::import_answer::Resource {
                    type_name: request.type_name,
                    identity: subject.identity_out(&mut found, &state),
                    state: subject.state_out(&mut found, state),
                    private,
                });
            }
        }
        wire::ImportAnswer { imported_resources, diagnostics: diagnostics::to_wire(found) }
    }

    pub(super) fn move_resource(&self, request: &wire::Move) -> wire::MoveAnswer {
        let mut found = Diagnostics::default();
        let Some(subject) = self.subject(&mut found, &request.target_type_name) else {
            let diagnostics = no_such_type("resource", &request.target_type_name);
            return wire::MoveAnswer { diagnostics, ..Default::default() };
        };
        let mut answer = wire::MoveAnswer::default();
        match moved(&mut found, &subject, request) {
            Ok(Some((state, private))) => {
                answer.target_identity = subject.identity_out(&mut found, &state);
                answer.target_state = subject.state_out(&mut found, state);
                answer.target_private = private;
            }
            // Why not is in the diagnostics.
            Ok(None) => {}
            Err(reason) => {
                let summary = format!(
                    "A `{}` cannot be moved to a `{}`.",
                    request.source_type_name, request.target_type_name
                );
                let hint = "Hint: remove the old resource from the state (`terraform state rm`, \
                            which needs no provider) and import the object with an `import` block.";
                found.report_error(AttributePath::root(), summary, format!("{reason}{hint}"));
            }
        }
        answer.diagnostics = diagnostics::to_wire(found);
        answer
    }
}

/// Returns what a resource becomes that is moved to this type, or why it cannot be
/// moved; empty if there is no more to say than that.
fn moved(
    found: &mut Diagnostics,
    subject: &Subject<'_>,
    request: &wire::Move,
) -> Result<Option<StateAndPrivate>, String> {
    let raw = request.source_state.as_ref().map(|state| state.json.as_slice()).unwrap_or_default();
    let unreadable = |reason: String| format!("Its state cannot be read: {reason}.\n");
    let source = MovedState {
        provider_address: request.source_provider_address.clone(),
        type_name: request.source_type_name.clone(),
        schema_version: request.source_schema_version,
        state: serde_json::from_slice(raw).map_err(|error| unreadable(error.to_string()))?,
    };
    match subject.resource.move_state(found, &source) {
        Some(moved) => moved.map_err(unreadable),
        None => Err(String::new()),
    }
}

/// Returns the id to import: the one that was given, or what the identity means.
fn import_id(
    found: &mut Diagnostics,
    subject: &Subject<'_>,
    id: String,
    identity: Option<wire::Identity>,
) -> Option<String> {
    let Some(identity) = identity.filter(|_| id.is_empty()) else {
        return Some(id);
    };
    let attributes = subject.resource.identity_attributes();
    let identity = value_in(found, identity.identity_data, &identity_type(attributes))?;
    let id = subject.resource.import_id(&identity);
    if id.is_none() {
        let names: Vec<_> = attributes.iter().map(|attribute| attribute.name).collect();
        found.report_error(
            AttributePath::root(),
            "The identity to import is not complete.",
            format!("Give `{}` in the import block's `identity`.", names.join("`, `")),
        );
    }
    id
}

//! The provider service: every call of protocol 6.10.

use std::pin::Pin;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tokio_stream::Stream;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::Streaming;

use super::Server;
use super::no_such_type;
use super::value_in;
use crate::plugin::diagnostics;
use crate::plugin::diagnostics::Report;
use crate::plugin::proto::tfplugin6 as wire;
use crate::plugin::proto::tfplugin6::provider_server::Provider;
use crate::plugin::schema::value_type;

type Answer<T> = Result<Response<T>, Status>;
type Events<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Answers a call about a kind of thing that this provider does not have.
#[expect(clippy::unnecessary_wraps, reason = "the type of every method that ends with this")]
fn not_served(kind: &str, request: Request<wire::TypeName>) -> Answer<wire::Outcome> {
    let diagnostics = no_such_type(kind, &request.into_inner().type_name);
    Ok(Response::new(wire::Outcome { diagnostics }))
}

fn one_event<T: Send + 'static>(event: T) -> Events<T> {
    Box::pin(tokio_stream::once(Ok(event)))
}

#[tonic::async_trait]
impl Provider for Server {
    async fn get_metadata(&self, _: Request<wire::Empty>) -> Answer<wire::Metadata> {
        Ok(Response::new(self.metadata()))
    }

    async fn get_provider_schema(&self, _: Request<wire::Empty>) -> Answer<wire::ProviderSchema> {
        Ok(Response::new(self.provider_schema()))
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<wire::Empty>,
    ) -> Answer<wire::IdentitySchemas> {
        Ok(Response::new(self.identity_schemas()))
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::ProviderConfig>,
    ) -> Answer<wire::ValidatedProviderConfig> {
        let _call = self.call();
        let mut found = Diagnostics::default();
        let provider = &self.registry.provider;
        if let Some(schema) = provider.schema(&mut found)
            && let Some(config) =
                value_in(&mut found, request.into_inner().config, &value_type(&schema))
        {
            provider.validate(&mut found, config).await;
        }
        let diagnostics = diagnostics::to_wire(found);
        Ok(Response::new(wire::ValidatedProviderConfig { diagnostics }))
    }

    async fn configure_provider(&self, request: Request<wire::Configure>) -> Answer<wire::Outcome> {
        let _call = self.call();
        let request = request.into_inner();
        let mut found = Diagnostics::default();
        let provider = &self.registry.provider;
        if let Some(schema) = provider.schema(&mut found)
            && let Some(config) = value_in(&mut found, request.config, &value_type(&schema))
        {
            provider.configure(&mut found, request.terraform_version, config).await;
        }
        Ok(Response::new(wire::Outcome { diagnostics: diagnostics::to_wire(found) }))
    }

    async fn stop_provider(&self, _: Request<wire::Empty>) -> Answer<wire::Stopped> {
        tracing::info!("The client asked to stop.");
        self.stop.cancel();
        Ok(Response::new(wire::Stopped::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::TypedConfig>,
    ) -> Answer<wire::Outcome> {
        let _call = self.call();
        Ok(Response::new(self.validate_resource(request.into_inner()).await))
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::UpgradeState>,
    ) -> Answer<wire::StateAnswer> {
        Ok(Response::new(self.upgrade_state(request.into_inner())))
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::UpgradeIdentity>,
    ) -> Answer<wire::IdentityAnswer> {
        Ok(Response::new(self.upgrade_identity(request.into_inner())))
    }

    async fn read_resource(&self, request: Request<wire::Read>) -> Answer<wire::ReadAnswer> {
        let _call = self.call();
        Ok(Response::new(self.read_resource(request.into_inner()).await))
    }

    async fn plan_resource_change(&self, request: Request<wire::Plan>) -> Answer<wire::PlanAnswer> {
        let _call = self.call();
        Ok(Response::new(self.plan_resource(request.into_inner()).await))
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::Apply>,
    ) -> Answer<wire::ApplyAnswer> {
        // In a task of its own: when the client's connection breaks, what was
        // begun still ends properly (a release record, an aborted upload).
        let server = self.clone();
        let applied = tokio::spawn(async move {
            let _call = server.call();
            server.apply_resource(request.into_inner()).await
        });
        match applied.await {
            Ok(answer) => Ok(Response::new(answer)),
            Err(error) => Err(Status::internal(format!("The operation was lost: {error}."))),
        }
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::Import>,
    ) -> Answer<wire::ImportAnswer> {
        let _call = self.call();
        Ok(Response::new(self.import_resource(request.into_inner()).await))
    }

    async fn move_resource_state(&self, request: Request<wire::Move>) -> Answer<wire::MoveAnswer> {
        Ok(Response::new(self.move_resource(request.get_ref())))
    }

    async fn generate_resource_config(
        &self,
        request: Request<wire::TypedConfig>,
    ) -> Answer<wire::StateAnswer> {
        let mut found = Diagnostics::default();
        found.report_error(
            AttributePath::root(),
            format!("The provider does not generate a `{}`.", request.get_ref().type_name),
            "Hint: `terraform plan -generate-config-out=FILE` writes the configuration itself.",
        );
        let diagnostics = diagnostics::to_wire(found);
        Ok(Response::new(wire::StateAnswer { state: None, diagnostics }))
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::TypedConfig>,
    ) -> Answer<wire::Outcome> {
        let _call = self.call();
        Ok(Response::new(self.validate_data_source(request.into_inner()).await))
    }

    async fn read_data_source(
        &self,
        request: Request<wire::TypedConfig>,
    ) -> Answer<wire::StateAnswer> {
        let _call = self.call();
        Ok(Response::new(self.read_data_source(request.into_inner()).await))
    }

    async fn get_functions(&self, _: Request<wire::Empty>) -> Answer<wire::Functions> {
        Ok(Response::new(wire::Functions::default()))
    }

    async fn call_function(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::FunctionAnswer> {
        let text = format!("The provider has no function `{}`.", request.get_ref().type_name);
        let error = Some(wire::function_answer::Error { text });
        Ok(Response::new(wire::FunctionAnswer { result: None, error }))
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("ephemeral resource", request)
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("ephemeral resource", request)
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("ephemeral resource", request)
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("ephemeral resource", request)
    }

    type ListResourceStream = Events<wire::OutcomeAt4>;

    async fn list_resource(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<Self::ListResourceStream> {
        let diagnostics = no_such_type("list resource", &request.get_ref().type_name);
        Ok(Response::new(one_event(wire::OutcomeAt4 { diagnostics })))
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("list resource", request)
    }

    async fn validate_action_config(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("action", request)
    }

    async fn plan_action(&self, request: Request<wire::TypeName>) -> Answer<wire::Outcome> {
        not_served("action", request)
    }

    type InvokeActionStream = Events<wire::ActionEvent>;

    async fn invoke_action(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<Self::InvokeActionStream> {
        let diagnostics = no_such_type("action", &request.get_ref().type_name);
        let completed = Some(wire::Outcome { diagnostics });
        Ok(Response::new(one_event(wire::ActionEvent { completed })))
    }

    async fn validate_state_store_config(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("state store", request)
    }

    async fn configure_state_store(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<wire::Outcome> {
        not_served("state store", request)
    }

    type ReadStateBytesStream = Events<wire::OutcomeAt4>;

    async fn read_state_bytes(
        &self,
        request: Request<wire::TypeName>,
    ) -> Answer<Self::ReadStateBytesStream> {
        let diagnostics = no_such_type("state store", &request.get_ref().type_name);
        Ok(Response::new(one_event(wire::OutcomeAt4 { diagnostics })))
    }

    async fn write_state_bytes(
        &self,
        request: Request<Streaming<wire::StateChunk>>,
    ) -> Answer<wire::Outcome> {
        let first = request.into_inner().message().await?;
        let name = first.and_then(|chunk| chunk.meta).unwrap_or_default().type_name;
        let diagnostics = no_such_type("state store", &name);
        Ok(Response::new(wire::Outcome { diagnostics }))
    }

    async fn lock_state(&self, request: Request<wire::TypeName>) -> Answer<wire::OutcomeAt2> {
        let diagnostics = no_such_type("state store", &request.get_ref().type_name);
        Ok(Response::new(wire::OutcomeAt2 { diagnostics }))
    }

    async fn unlock_state(&self, request: Request<wire::TypeName>) -> Answer<wire::Outcome> {
        not_served("state store", request)
    }

    async fn get_states(&self, request: Request<wire::TypeName>) -> Answer<wire::OutcomeAt2> {
        let diagnostics = no_such_type("state store", &request.get_ref().type_name);
        Ok(Response::new(wire::OutcomeAt2 { diagnostics }))
    }

    async fn delete_state(&self, request: Request<wire::TypeName>) -> Answer<wire::Outcome> {
        not_served("state store", request)
    }
}

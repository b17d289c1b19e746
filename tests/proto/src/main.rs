//! Writes the Rust code of the wire protocol next to its `.proto` files.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/plugin/proto");
    let file = |name: &str| folder.join(name);
    tonic_prost_build::configure()
        // Clients exist for the tests, which speak to the server as Terraform does.
        .build_transport(false)
        .emit_rerun_if_changed(false)
        .out_dir(&folder)
        .compile_protos(
            &[file("tfplugin6.proto"), file("plugin.proto"), file("health.proto")],
            std::slice::from_ref(&folder),
        )?;
    Ok(())
}

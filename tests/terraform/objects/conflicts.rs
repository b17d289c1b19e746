//! What somebody else wrote is never overwritten or deleted unseen.

use super::bucket;
use super::object;
use super::read;
use super::workspace;
use super::write;
use crate::s3::server;
use crate::support::client::Client;

/// Case 11.
#[test]
fn what_somebody_wrote_after_the_plan_is_kept_unless_overwriting_is_forced() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = bucket(server, "conflict", client);
        let body = object(
            "page",
            &bucket,
            "page.txt",
            "  content = \"first\\n\"\n  content_type = \"text/plain\"",
        );
        let site = workspace(client, &server.endpoint().url, &body);
        let plan = |more: &[&str]| {
            let saved = ["plan", "-no-color", "-out=saved.plan"];
            site.run(&[&saved[..], more].concat()).ok();
        };
        let apply = || site.run(&["apply", "-no-color", "saved.plan"]);

        // Nothing there at plan, something at apply.
        plan(&[]);
        write(server, &bucket, "page.txt", b"somebody's\n");
        apply()
            .failed()
            .says(&format!("Error: Object `page.txt` in bucket `{bucket}`"))
            .says("The key exists already, as another object")
            .says("or set `force_overwrite = true` to replace it");
        assert_eq!(read(server, &bucket, "page.txt"), "somebody's\n");

        // Forced, it is replaced, also by a plan that has not seen it.
        site.replace("content = ", "force_overwrite = true\n  content = ");
        plan(&[]);
        write(server, &bucket, "page.txt", b"somebody else's\n");
        apply().ok();
        assert_eq!(read(server, &bucket, "page.txt"), "first\n");
        site.assert_nothing_to_do();

        // An update of what is not what it was.
        site.replace("force_overwrite = true\n", "");
        site.replace("first", "second");
        plan(&[]);
        write(server, &bucket, "page.txt", b"somebody's again\n");
        apply()
            .failed()
            .says("It was changed by somebody else in the meantime")
            .says("or set `force_overwrite = true`");
        assert_eq!(read(server, &bucket, "page.txt"), "somebody's again\n");
        // The next plan has seen it.
        site.apply().ok().says("1 changed");
        assert_eq!(read(server, &bucket, "page.txt"), "second\n");
        site.assert_nothing_to_do();

        // Somebody wrote exactly what is planned: nobody is in anybody's way.
        site.replace("second", "third");
        plan(&[]);
        write(server, &bucket, "page.txt", b"third\n");
        apply().ok();
        site.assert_nothing_to_do();

        // A delete.
        plan(&["-destroy"]);
        write(server, &bucket, "page.txt", b"too late\n");
        apply().failed().says("could not be deleted").says("It was changed by somebody else");
        assert_eq!(read(server, &bucket, "page.txt"), "too late\n");
        site.destroy().ok();
        assert_eq!(server.mc(&["ls", &format!("local/{bucket}")]), "");
    }
}

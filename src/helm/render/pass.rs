//! One pass over all templates of a chart.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::helm::compatibility::Compatibility;
use crate::helm::function::Host;
use crate::helm::functions;
use crate::helm::render::error::RenderError;
use crate::helm::render::error::TemplateError;
use crate::helm::render::host::Cluster;
use crate::helm::render::host::Source;
use crate::helm::render::objects::Template;
use crate::helm::strconv;
use crate::helm::template::Set;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

/// How often one template may include itself, in a chain.
const MAX_INCLUDES: usize = 1000;

/// Is what one pass brought forth.
pub(super) struct Pass {
    /// The rendered files by name.
    pub(super) files: Vec<(String, String)>,
    /// The files that used the clock or random bytes.
    pub(super) users: BTreeSet<String>,
}

/// Renders the templates, in the order in which Helm does: maps are shared, and
/// what a template changes in them is seen by those that come later.
pub(super) fn run(
    templates: &BTreeMap<String, Template>,
    cluster: &Cluster<'_>,
    source: &Source<'_>,
    compatibility: Compatibility,
) -> Result<Pass, RenderError> {
    let mut names: Vec<&String> = templates.keys().collect();
    // Deepest first, then from the end of the alphabet: what is parsed later wins,
    // so that a chart can replace the definitions of its dependencies.
    names.sort_by(|left, right| {
        let depth = |name: &str| name.matches('/').count();
        (depth(right), right).cmp(&(depth(left), left))
    });
    let mut set = Set::new(functions::table(compatibility));
    for name in &names {
        if let Some(template) = templates.get(*name) {
            set.parse(name, &template.text).map_err(|error| TemplateError::parse(&error))?;
        }
    }
    let included = RefCell::default();
    let host = RenderHost { set: &set, cluster, source, included: &included };
    let mut files = Vec::new();
    for name in names {
        let base = name.rsplit_once('/').map_or(name.as_str(), |(_, base)| base);
        let Some(template) = templates.get(name).filter(|_| !base.starts_with('_')) else {
            continue;
        };
        source.begin(name);
        template.dot.0.borrow_mut().insert(
            "Template".to_owned(),
            Value::map(Entries::from([
                ("Name".to_owned(), Value::string(name.as_str())),
                ("BasePath".to_owned(), Value::string(template.base_path.as_str())),
            ])),
        );
        let mut output = Vec::new();
        set.execute(name, &Value::Map(template.dot.clone()), &host, &mut output)
            .map_err(|error| TemplateError::execution(name, &error, compatibility))?;
        files.push((name.clone(), text(&output)));
    }
    if let Some(reason) = source.failure() {
        return Err(RenderError::Random(reason));
    }
    Ok(Pass { files, users: source.users() })
}

/// Returns what was printed without Go's mark for missing values, which Helm
/// removes wherever it stands.
fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).replace("<no value>", "")
}

/// Is what functions get to see of the pass. `tpl` makes another one of these,
/// with the templates that its text defines.
struct RenderHost<'a> {
    set: &'a Set,
    cluster: &'a Cluster<'a>,
    source: &'a Source<'a>,
    /// How often each template is being included at the moment.
    included: &'a RefCell<HashMap<String, usize>>,
}

impl Host for RenderHost<'_> {
    fn include(&self, name: &str, data: &Value) -> Result<String, FunctionError> {
        {
            let mut included = self.included.borrow_mut();
            let count = included.entry(name.to_owned()).or_default();
            if *count > MAX_INCLUDES {
                return Err(FunctionError::new(format!(
                    "rendering template has a nested reference name: {name}: \
                     unable to execute template"
                )));
            }
            *count += 1;
        }
        let mut output = Vec::new();
        let result = self.set.execute(name, data, self, &mut output);
        if let Some(count) = self.included.borrow_mut().get_mut(name) {
            *count = count.saturating_sub(1);
        }
        result.map_err(|error| FunctionError::new(error.to_string()))?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    fn tpl(&self, template: &str, data: &Value) -> Result<String, FunctionError> {
        let quoted = || strconv::quote(template.as_bytes());
        let mut set = self.set.clone();
        let tree = set.parse("gotpl", template).map_err(|error| {
            FunctionError::new(format!("cannot parse template {}: {error}", quoted()))
        })?;
        let host = RenderHost { set: &set, ..*self };
        let mut output = Vec::new();
        set.execute_tree(&tree, data, &host, &mut output).map_err(|error| {
            FunctionError::new(format!(
                "error during tpl function execution for {}: {error}",
                quoted()
            ))
        })?;
        Ok(text(&output))
    }

    fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Value, FunctionError> {
        self.cluster.lookup(api_version, kind, namespace, name)
    }

    fn now(&self) -> i128 {
        self.source.now()
    }

    fn random(&self, count: usize) -> Vec<u8> {
        self.source.random(count)
    }
}

//! Which dependencies of a chart take part, under which names, and what values
//! they hand up to their parent.
//!
//! Helm does this on the loaded charts themselves; here it builds a tree of
//! [`Node`]s beside them, so that a loaded chart can be rendered many times.
//! A node is what Go has a pointer to: where Helm's code lets two parents share
//! one, so do we, because the paths of templates show it.

mod import;

use std::cell::RefCell;
use std::rc::Rc;

use crate::helm::chart::Chart;
use crate::helm::chart::metadata::Dependency;
use crate::helm::chart::metadata::Metadata;
use crate::helm::compatibility::Compatibility;
use crate::helm::functions::semver;
use crate::helm::value::Map;
use crate::helm::value::Value;
use crate::helm::values;
use crate::helm::values::ValuesError;
use crate::helm::values::coalesce;
use crate::helm::values::coalesce::Mode;
use crate::helm::values::coalesce::TypeMismatch;

/// Is a chart at its place in the tree of a render. Clones are the same node.
#[derive(Clone)]
pub(in crate::helm) struct Node<'a>(Rc<Inner<'a>>);

struct Inner<'a> {
    chart: &'a Chart,
    place: Rc<Place>,
    metadata: Rc<RefCell<NodeMetadata>>,
    values: RefCell<Map>,
    dependencies: RefCell<Vec<Node<'a>>>,
}

/// Is the name of a node and the way up from it.
struct Place {
    name: String,
    parent: RefCell<Option<Rc<Place>>>,
}

/// Is one entry of `dependencies`, which several nodes may share.
type Entry = Rc<RefCell<Dependency>>;

/// Is the metadata of a node. Helm 3 lets the aliases of one chart share the
/// entries of `dependencies`.
#[derive(Clone)]
struct NodeMetadata {
    metadata: Metadata,
    dependencies: Option<Vec<Entry>>,
}

impl<'a> Node<'a> {
    /// Makes the tree of a chart as it was loaded.
    fn load(chart: &'a Chart, compatibility: Compatibility) -> Result<Self, ValuesError> {
        let mut metadata = chart.metadata.clone();
        let dependencies = metadata.dependencies.take().map(|dependencies| {
            dependencies.into_iter().map(|entry| Rc::new(RefCell::new(entry))).collect()
        });
        let defaults = match (compatibility, &chart.values_text) {
            (Compatibility::Helm3, Some(text)) => values::parse(text, compatibility)?,
            _ => chart.values.clone(),
        };
        let defaults = match values::from_json(&defaults) {
            Value::Map(map) => map,
            _ => Map::default(),
        };
        let node = Self(Rc::new(Inner {
            chart,
            place: Rc::new(Place { name: metadata.name.clone(), parent: RefCell::new(None) }),
            metadata: Rc::new(RefCell::new(NodeMetadata { metadata, dependencies })),
            values: RefCell::new(defaults),
            dependencies: RefCell::new(Vec::new()),
        }));
        let children = chart
            .dependencies
            .iter()
            .map(|dependency| Self::load(dependency, compatibility))
            .collect::<Result<Vec<_>, _>>()?;
        node.set_dependencies(children);
        Ok(node)
    }

    /// Copies the node itself; its dependencies stay the same ones.
    fn copy(&self, name: String, metadata: Rc<RefCell<NodeMetadata>>) -> Self {
        Self(Rc::new(Inner {
            chart: self.0.chart,
            place: Rc::new(Place { name, parent: self.0.place.parent.clone() }),
            metadata,
            values: self.0.values.clone(),
            dependencies: self.0.dependencies.clone(),
        }))
    }

    fn set_dependencies(&self, children: Vec<Self>) {
        for child in &children {
            *child.0.place.parent.borrow_mut() = Some(self.0.place.clone());
        }
        *self.0.dependencies.borrow_mut() = children;
    }

    /// Returns the loaded chart.
    pub(in crate::helm) fn chart(&self) -> &'a Chart {
        self.0.chart
    }

    /// Returns the name: the alias, if the chart has one in its parent.
    pub(in crate::helm) fn name(&self) -> &str {
        &self.0.place.name
    }

    /// Says whether this is the chart that is rendered.
    pub(in crate::helm) fn is_root(&self) -> bool {
        self.0.place.parent.borrow().is_none()
    }

    /// Returns the path with which the names of its templates begin:
    /// `top/charts/sub`.
    pub(in crate::helm) fn full_path(&self) -> String {
        self.0.place.full_path()
    }

    /// Returns the charts that take part below this one.
    pub(in crate::helm) fn dependencies(&self) -> Vec<Self> {
        self.0.dependencies.borrow().clone()
    }

    /// Returns the metadata with the dependencies that take part.
    pub(in crate::helm) fn metadata(&self) -> Metadata {
        let node = self.0.metadata.borrow();
        let mut metadata = node.metadata.clone();
        metadata.name.clone_from(&self.0.place.name);
        metadata.dependencies = node
            .dependencies
            .as_ref()
            .map(|entries| entries.iter().map(|entry| entry.borrow().clone()).collect());
        metadata
    }

    /// Returns the chart's own values with what its dependencies handed up.
    pub(in crate::helm) fn own_values(&self) -> Map {
        self.0.values.borrow().clone()
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        self.0.metadata.borrow().dependencies.clone()
    }
}

impl Place {
    fn full_path(&self) -> String {
        match &*self.parent.borrow() {
            Some(parent) => format!("{}/charts/{}", parent.full_path(), self.name),
            None => self.name.clone(),
        }
    }
}

impl coalesce::Chart for Node<'_> {
    fn name(&self) -> String {
        self.0.place.name.clone()
    }

    fn values(&self) -> Map {
        coalesce::deep_copy_map(&self.0.values.borrow())
    }

    fn dependencies(&self) -> Vec<Self> {
        Node::dependencies(self)
    }
}

/// Says why the dependencies of a chart cannot be worked out.
#[derive(Debug, thiserror::Error)]
pub enum DependencyError {
    /// The values of a dependency are no map.
    #[error(transparent)]
    TypeMismatch(#[from] TypeMismatch),
    /// `values.yaml` cannot be read the way Helm 3 does.
    #[error("`values.yaml` of the chart cannot be read: {0}")]
    Values(#[from] ValuesError),
}

/// Builds the tree of charts that take part when the chart is rendered with the
/// user's values: aliases resolved, conditions and tags applied, values imported.
pub(in crate::helm) fn process<'a>(
    chart: &'a Chart,
    user_values: &Map,
    compatibility: Compatibility,
) -> Result<Node<'a>, DependencyError> {
    let root = Node::load(chart, compatibility)?;
    enable(&root, user_values, "", compatibility)?;
    import::run(&root, compatibility, &mut Vec::new())?;
    Ok(root)
}

/// Returns the names of the dependencies in `Chart.yaml` that are not in `charts/`.
pub(in crate::helm) fn missing(chart: &Chart) -> Vec<String> {
    let is_there = |entry: &&Dependency| {
        chart.dependencies.iter().any(|child| child.metadata.name == entry.name)
    };
    chart
        .metadata
        .dependencies
        .iter()
        .flatten()
        .filter(|entry| !is_there(entry))
        .map(|entry| entry.name.clone())
        .collect()
}

fn enable(
    node: &Node<'_>,
    user_values: &Map,
    path: &str,
    compatibility: Compatibility,
) -> Result<(), TypeMismatch> {
    let Some(entries) = node.entries() else { return Ok(()) };
    let loaded = node.dependencies();
    // Charts in charts/ that Chart.yaml does not name take part in any case.
    let mut children: Vec<Node<'_>> = loaded
        .iter()
        .filter(|child| !entries.iter().any(|entry| is_met_by(&entry.borrow(), child)))
        .cloned()
        .collect();
    for entry in &entries {
        let found = loaded.iter().find(|child| is_met_by(&entry.borrow(), child));
        if let Some(child) = found {
            children.push(under_alias(child, &entry.borrow(), compatibility));
        }
        let Dependency { name, alias, .. } = &mut *entry.borrow_mut();
        if !alias.is_empty() {
            name.clone_from(alias);
        }
    }
    node.set_dependencies(children);

    for entry in &entries {
        entry.borrow_mut().enabled = true;
    }
    let complete = coalesce::deep_copy_map(user_values);
    coalesce::chart_values(node, &complete, Mode::Coalesce, compatibility)?;
    apply_tags(&entries, &complete);
    apply_conditions(&entries, &complete, path);

    let disabled: Vec<String> = entries
        .iter()
        .filter(|entry| !entry.borrow().enabled)
        .map(|entry| entry.borrow().name.clone())
        .collect();
    let remaining: Vec<Node<'_>> = node
        .dependencies()
        .into_iter()
        .filter(|child| !disabled.iter().any(|name| name == child.name()))
        .collect();
    for child in &remaining {
        enable(child, &complete, &format!("{path}{}.", child.name()), compatibility)?;
    }
    let entries: Vec<_> =
        entries.into_iter().filter(|entry| !disabled.contains(&entry.borrow().name)).collect();
    // Go appends to nil here, so that no entry left means no list at all.
    node.0.metadata.borrow_mut().dependencies = (!entries.is_empty()).then_some(entries);
    node.set_dependencies(remaining);
    Ok(())
}

fn is_met_by(entry: &Dependency, child: &Node<'_>) -> bool {
    child.name() == entry.name
        && semver::is_compatible(&entry.version, &child.0.metadata.borrow().metadata.version)
}

/// Makes the node that a dependency is known by in its parent, also without an alias.
fn under_alias<'a>(child: &Node<'a>, entry: &Dependency, compatibility: Compatibility) -> Node<'a> {
    let name = if entry.alias.is_empty() { child.name() } else { &entry.alias };
    let mut metadata = child.0.metadata.borrow().clone();
    if compatibility == Compatibility::Helm3 {
        return child.copy(name.to_owned(), Rc::new(RefCell::new(metadata)));
    }
    metadata.dependencies = metadata.dependencies.map(|entries| {
        entries.iter().map(|entry| Rc::new(RefCell::new(entry.borrow().clone()))).collect()
    });
    let copy = child.copy(name.to_owned(), Rc::new(RefCell::new(metadata)));
    let grandchildren = child
        .dependencies()
        .iter()
        .map(|grandchild| {
            grandchild.copy(grandchild.name().to_owned(), grandchild.0.metadata.clone())
        })
        .collect();
    copy.set_dependencies(grandchildren);
    copy
}

/// Switches by `tags`: one true tag is enough, a false one counts when none is true.
fn apply_tags(entries: &[Entry], complete: &Map) {
    let Some(tags) = values::table(complete, "tags") else { return };
    let tags = tags.0.borrow();
    for entry in entries {
        let mut entry = entry.borrow_mut();
        let mut any_true = false;
        let mut any_false = false;
        for tag in &entry.tags {
            match tags.get(tag) {
                Some(Value::Bool(true)) => any_true = true,
                Some(Value::Bool(false)) => any_false = true,
                _ => {}
            }
        }
        entry.enabled = any_true || !any_false;
    }
}

/// Switches by `condition`, over any tag: the first path with a boolean decides.
fn apply_conditions(entries: &[Entry], complete: &Map, prefix: &str) {
    for entry in entries {
        let mut entry = entry.borrow_mut();
        let decided =
            entry.condition.trim().split(',').filter(|path| !path.is_empty()).find_map(|path| {
                match values::path_value(complete, &format!("{prefix}{path}")) {
                    Some(Value::Bool(flag)) => Some(flag),
                    _ => None,
                }
            });
        if let Some(enabled) = decided {
            entry.enabled = enabled;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;

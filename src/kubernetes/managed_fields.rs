//! Who wrote which field: `metadata.managedFields`.
//!
//! The format is `FieldsV1`, described at
//! <https://github.com/kubernetes-sigs/structured-merge-diff/tree/master/fieldpath>: a tree whose
//! edges are `f:name` (a field), `k:{...}` (a list item by its keys), `v:...` (a list item by its
//! value) and `i:0` (by its index); `.` marks a node that is itself in the set.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

pub use crate::kubernetes::managed_fields::entry::ManagedFields;
pub use crate::kubernetes::managed_fields::entry::Operation;
pub use crate::kubernetes::managed_fields::path::PathElement;

mod entry;
mod path;
mod unowned;

pub(crate) use crate::kubernetes::managed_fields::path::contains;
pub(crate) use crate::kubernetes::managed_fields::path::element_like;
pub(crate) use crate::kubernetes::managed_fields::path::find_item;
pub(crate) use crate::kubernetes::managed_fields::path::path_text;
pub(crate) use crate::kubernetes::managed_fields::path::remove;
pub(crate) use crate::kubernetes::managed_fields::unowned::unowned_items;

/// Is a set of fields of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet {
    member: bool,
    children: BTreeMap<PathElement, FieldSet>,
}

impl FieldSet {
    /// Reads a `fieldsV1` value. What is not understood is left out.
    pub fn read(value: &Value) -> Self {
        Self { member: false, children: Self::read_children(value) }
    }

    fn read_children(value: &Value) -> BTreeMap<PathElement, FieldSet> {
        let entries = value.as_object().into_iter().flatten();
        entries
            .filter_map(|(key, below)| {
                let children = Self::read_children(below);
                // An edge without anything below it is a member; one with children only if
                // the child "." says so.
                let member = below.get(".").is_some() || children.is_empty();
                Some((PathElement::read(key)?, FieldSet { member, children }))
            })
            .collect()
    }

    /// Returns the set as a `fieldsV1` value.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        if self.member && !self.children.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (element, below) in &self.children {
            map.insert(element.to_string(), below.to_value());
        }
        Value::Object(map)
    }

    /// Returns the set that holds the fields at these paths.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a [PathElement]>) -> Self {
        let mut set = Self::default();
        for path in paths {
            set.insert(path);
        }
        set
    }

    /// Says whether there is no field in the set.
    pub fn is_empty(&self) -> bool {
        !self.member && self.children.values().all(FieldSet::is_empty)
    }

    /// Puts one field into the set.
    pub fn insert(&mut self, path: &[PathElement]) {
        match path.split_first() {
            None => self.member = true,
            Some((first, rest)) => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// Takes a field and everything below it out of the set, and answers it; parents that are
    /// left with nothing go as well.
    #[must_use]
    pub fn take(&mut self, path: &[PathElement]) -> FieldSet {
        let Some((first, rest)) = path.split_first() else { return std::mem::take(self) };
        let Some(child) = self.children.get_mut(first) else { return Self::default() };
        let taken = child.take(rest);
        if child.is_empty() {
            self.children.remove(first);
        }
        taken
    }

    /// Takes a field and everything below it out of the set; says whether there was anything.
    pub fn remove(&mut self, path: &[PathElement]) -> bool {
        !self.take(path).is_empty()
    }

    /// Takes the fields of these names out wherever they are. The maps that they are in are no
    /// members any more either: who removes such a map removes the field.
    pub fn take_named(&mut self, names: &[&str]) {
        self.take_named_below(names);
    }

    fn take_named_below(&mut self, names: &[&str]) -> bool {
        let before = self.children.len();
        self.children.retain(
            |element, _| !matches!(element, PathElement::Field(name) if names.contains(&name.as_str())),
        );
        let mut taken = self.children.len() < before;
        for below in self.children.values_mut() {
            taken |= below.take_named_below(names);
        }
        if taken {
            self.member = false;
            self.children.retain(|_, below| !below.is_empty());
        }
        taken
    }

    /// Puts a whole set in at a path.
    pub fn graft(&mut self, path: &[PathElement], set: &FieldSet) {
        match path.split_first() {
            None => self.add(set),
            Some(_) if set.is_empty() => {}
            Some((first, rest)) => self.children.entry(first.clone()).or_default().graft(rest, set),
        }
    }

    /// Adds every field of another set.
    pub fn add(&mut self, other: &FieldSet) {
        self.member |= other.member;
        for (element, below) in &other.children {
            self.children.entry(element.clone()).or_default().add(below);
        }
    }

    /// Says whether the set is one field with nothing below it.
    pub fn is_leaf(&self) -> bool {
        self.member && self.children.is_empty()
    }

    /// Returns the steps that lead down from the root of the set.
    pub fn children(&self) -> impl Iterator<Item = &PathElement> {
        self.children.keys()
    }

    /// Returns the part of the set at and below a path.
    pub fn at(&self, path: &[PathElement]) -> Option<&FieldSet> {
        path.iter().try_fold(self, |set, element| set.children.get(element))
    }

    /// Says whether that very field is in the set.
    pub fn contains(&self, path: &[PathElement]) -> bool {
        self.at(path).is_some_and(|set| set.member)
    }

    /// Says whether the field or one below it is in the set.
    pub fn touches(&self, path: &[PathElement]) -> bool {
        self.at(path).is_some_and(|set| !set.is_empty())
    }

    /// Says whether the field or one above it is in the set, the latter as a leaf: an owner of a
    /// whole (atomic) map or list owns what is in it.
    pub fn covers(&self, path: &[PathElement]) -> bool {
        if self.member && self.children.is_empty() {
            return true;
        }
        match path.split_first() {
            None => self.member,
            Some((first, rest)) => self.children.get(first).is_some_and(|below| below.covers(rest)),
        }
    }

    /// Returns every field of the set, parents before what is in them.
    pub fn paths(&self) -> Vec<Vec<PathElement>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, prefix: &mut Vec<PathElement>, paths: &mut Vec<Vec<PathElement>>) {
        if self.member {
            paths.push(prefix.clone());
        }
        for (element, below) in &self.children {
            prefix.push(element.clone());
            below.collect(prefix, paths);
            prefix.pop();
        }
    }

    /// Returns the fields that are in this set and not in the other.
    #[must_use]
    pub fn difference(&self, other: &FieldSet) -> FieldSet {
        let children = self.children.iter().filter_map(|(element, below)| {
            let left = match other.children.get(element) {
                Some(there) => below.difference(there),
                None => below.clone(),
            };
            (!left.is_empty()).then(|| (element.clone(), left))
        });
        FieldSet { member: self.member && !other.member, children: children.collect() }
    }

    /// Returns the highest fields of this set at and below which the other has none.
    ///
    /// With the set of somebody else and ours: what was added, each whole thing once.
    pub fn beyond(&self, ours: &FieldSet) -> Vec<Vec<PathElement>> {
        let mut paths = Vec::new();
        self.collect_beyond(Some(ours), &mut Vec::new(), &mut paths);
        paths
    }

    fn collect_beyond(
        &self,
        ours: Option<&FieldSet>,
        prefix: &mut Vec<PathElement>,
        paths: &mut Vec<Vec<PathElement>>,
    ) {
        // Everything in an atomic map or list that is ours as a whole is ours.
        if ours.is_some_and(|ours| ours.member && ours.children.is_empty()) {
            return;
        }
        if self.member && ours.is_none_or(FieldSet::is_empty) {
            paths.push(prefix.clone());
            return;
        }
        for (element, below) in &self.children {
            prefix.push(element.clone());
            below.collect_beyond(ours.and_then(|ours| ours.children.get(element)), prefix, paths);
            prefix.pop();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;

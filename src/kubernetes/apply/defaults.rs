//! Defaults of the server that stand against what is applied.
//!
//! A Deployment that never set `strategy` has `rollingUpdate: {...}` in it, which nobody owns; the
//! new `type: Recreate` is refused as long as it is there, and no manifest can remove it, for
//! server-side apply removes only what the applier owns. So it is made ours first.

use serde_json::Value;

use crate::kubernetes::error::ApiError;
use crate::kubernetes::error::Segment;
use crate::kubernetes::error::read_field;
use crate::kubernetes::flatten::item_keys;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managed_fields::find_item;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::object::LiveObject;

/// Returns the fields that nobody owns at or beside the refused ones, that the manifest lacks.
pub(crate) fn refused_defaults(
    refusal: &ApiError,
    live: &LiveObject,
    sent: &ApplyObject,
) -> FieldSet {
    let mut found = FieldSet::default();
    if refusal.is_immutable() {
        return found;
    }
    let mut owned = FieldSet::default();
    for entry in ManagedFields::of(live) {
        owned.add(&entry.fields);
    }
    let live = Value::Object(live.fields().clone());
    let sent = Value::Object(sent.fields().clone());
    for field in refusal.fields() {
        let Some(segments) = read_field(&field) else { continue };
        let mut walk =
            Walk { live: &live, sent: Some(&sent), owned: Some(&owned), path: Vec::new() };
        let Some((last, parents)) = segments.split_last() else { continue };
        // Never beside a field at the top of the object or of its spec: there the defaults are the
        // object itself (addresses that were assigned, and the like).
        if parents.len() < 2 || !parents.iter().all(|segment| walk.enter(segment)) {
            continue;
        }
        let mut refused = walk.clone();
        if refused.enter(last) {
            refused.collect_unowned(&mut found);
        } else {
            walk.collect_unowned(&mut found);
        }
    }
    found
}

/// Walks the live object, the one sent and the ownership side by side.
#[derive(Clone)]
struct Walk<'a> {
    live: &'a Value,
    sent: Option<&'a Value>,
    owned: Option<&'a FieldSet>,
    path: Vec<PathElement>,
}

impl Walk<'_> {
    /// Goes one step down; false if the live object has nothing there.
    fn enter(&mut self, segment: &Segment) -> bool {
        let element = match (segment, self.live) {
            (Segment::Field(name) | Segment::Key(name), Value::Object(fields)) => {
                let Some(value) = fields.get(name) else { return false };
                self.live = value;
                self.sent = self.sent.and_then(|sent| sent.get(name));
                PathElement::Field(name.clone())
            }
            (Segment::Index(index), Value::Array(items)) => {
                // The index counts in the merged list, which begins with what was sent; the same
                // item may stand elsewhere in the live one.
                let sent_item =
                    self.sent.and_then(Value::as_array).and_then(|items| items.get(*index));
                let name = match self.path.last() {
                    Some(PathElement::Field(name)) => name.as_str(),
                    _ => "",
                };
                let at = match sent_item {
                    Some(item) => {
                        let key = item_keys(name, std::slice::from_ref(item)).pop();
                        item_keys(name, items).into_iter().position(|other| Some(other) == key)
                    }
                    None => Some(*index),
                };
                let Some((at, item)) = at.and_then(|at| Some((at, items.get(at)?))) else {
                    return false;
                };
                let element = self.owned.and_then(|owned| {
                    owned.children().find(|one| find_item(items, one) == Some(at))
                });
                let Some(element) = element.cloned() else { return false };
                self.live = item;
                self.sent = sent_item;
                element
            }
            _ => return false,
        };
        self.owned = self.owned.and_then(|owned| owned.at(std::slice::from_ref(&element)));
        self.path.push(element);
        true
    }

    /// Adds what is in the live object here, is not sent, and is nobody's.
    fn collect_unowned(&self, found: &mut FieldSet) {
        if self.owned.is_some_and(FieldSet::is_leaf) {
            return;
        }
        if let Value::Object(fields) = self.live {
            for name in fields.keys() {
                let mut inner = self.clone();
                if inner.enter(&Segment::Field(name.clone())) {
                    inner.collect_unowned(found);
                }
            }
        }
        if self.owned.is_none_or(FieldSet::is_empty) && self.sent.is_none_or(Value::is_null) {
            found.insert(&self.path);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::refused_defaults;
    use crate::kubernetes::error::ApiError;
    use crate::kubernetes::manifest::ManifestObject;
    use crate::kubernetes::normalise::to_apply;
    use crate::kubernetes::object::LiveObject;
    use crate::kubernetes::resource::Resource;

    fn refused(
        field: &str,
        live: serde_json::Value,
        manifest: serde_json::Value,
    ) -> serde_json::Value {
        let object = ManifestObject::read(manifest).unwrap().remove(0);
        let location = object.location(&Resource::builtin(object.kind()).unwrap(), "web");
        let body = json!({"kind": "Status", "reason": "Invalid", "message": "m",
            "details": {"causes": [{"field": field, "reason": "FieldValueForbidden", "message": "m"}]}});
        let error = ApiError::read(
            "PATCH",
            "/",
            Some(&location.reference),
            422,
            body.to_string().as_bytes(),
            None,
        );
        let sent = to_apply(&object, &location, None);
        refused_defaults(&error, &LiveObject::new(live).unwrap(), &sent).to_value()
    }

    #[test]
    fn the_defaulted_strategy_is_found() {
        let found = refused(
            "spec.strategy.rollingUpdate",
            json!({"metadata": {"managedFields": [{"manager": "helm", "operation": "Apply",
                    "fieldsV1": {"f:spec": {"f:template": {}}}}]},
                "spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}}}),
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
                "spec": {"strategy": {"type": "Recreate"}}}),
        );
        assert_eq!(
            found,
            json!({"f:spec": {"f:strategy": {"f:rollingUpdate": {".": {}, "f:maxSurge": {}}}}})
        );
    }

    #[test]
    fn the_defaulted_volume_is_found_by_its_name() {
        let found = refused(
            "spec.template.spec.volumes[0].configMap",
            json!({"metadata": {"managedFields": [{"manager": "helm", "operation": "Apply",
                    "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:volumes": {
                        "k:{\"name\":\"a\"}": {".": {}, "f:name": {}},
                        "k:{\"name\":\"b\"}": {".": {}, "f:name": {}}}}}}}}]},
                "spec": {"template": {"spec": {"volumes": [
                    {"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {}}]}}}}),
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
                "spec": {"template": {"spec": {"volumes": [{"name": "b", "configMap": {"name": "c"}}]}}}}),
        );
        assert_eq!(
            found,
            json!({"f:spec": {"f:template": {"f:spec": {"f:volumes": {
                "k:{\"name\":\"b\"}": {"f:emptyDir": {}}}}}}})
        );
    }

    #[test]
    fn nothing_is_taken_at_the_top() {
        let found = refused(
            "spec.externalName",
            json!({"spec": {"clusterIP": "10.0.0.1"}}),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {}}),
        );
        assert_eq!(found, json!({}));
    }
}

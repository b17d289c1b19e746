use serde_json::Value;
use serde_json::json;

use super::FieldSet;
use super::PathElement;
use super::remove;

fn fields(names: &[&str]) -> Vec<PathElement> {
    PathElement::fields(names)
}

fn sample() -> Value {
    json!({
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
        "f:spec": {
            "f:args": {},
            "f:containers": {"k:{\"name\":\"m\"}": {".": {}, "f:image": {}, "f:name": {}}},
            "f:finalizers": {"v:\"x\"": {}},
        },
    })
}

#[test]
fn a_set_survives_a_round_trip() {
    assert_eq!(FieldSet::read(&sample()).to_value(), sample());
    assert_eq!(FieldSet::default().to_value(), json!({}));
}

#[test]
fn members_are_told_from_mere_parents() {
    let set = FieldSet::read(&sample());
    assert!(set.contains(&fields(&["metadata", "labels"])));
    assert!(!set.contains(&fields(&["metadata"])));
    assert!(set.touches(&fields(&["metadata"])));
    assert!(set.covers(&[fields(&["spec", "args"]), vec![PathElement::Index(0)]].concat()));
    assert!(!set.covers(&fields(&["metadata", "labels", "other"])));
}

#[test]
fn union_and_difference() {
    let mut left = FieldSet::read(&json!({"f:a": {}, "f:b": {"f:c": {}}}));
    left.add(&FieldSet::read(&json!({"f:b": {".": {}, "f:d": {}}})));
    assert_eq!(left.to_value(), json!({"f:a": {}, "f:b": {".": {}, "f:c": {}, "f:d": {}}}));
    let left = left.difference(&FieldSet::read(&json!({"f:a": {}, "f:b": {"f:c": {}}})));
    assert_eq!(left.to_value(), json!({"f:b": {".": {}, "f:d": {}}}));
    assert!(left.difference(&left).is_empty());
}

#[test]
fn a_part_can_be_moved() {
    let mut set = FieldSet::read(&json!({"f:stringData": {".": {}, "f:a": {}}, "f:type": {}}));
    let taken = set.take(&fields(&["stringData"]));
    set.graft(&fields(&["data"]), &taken);
    assert_eq!(set.to_value(), json!({"f:data": {".": {}, "f:a": {}}, "f:type": {}}));
    assert!(!set.remove(&fields(&["nothing", "here"])));
}

#[test]
fn taking_the_last_field_takes_the_empty_parents() {
    let mut set = FieldSet::read(&json!({"f:spec": {"f:replicas": {}}}));
    assert!(set.remove(&fields(&["spec", "replicas"])));
    assert_eq!(set.to_value(), json!({}));
}

#[test]
fn what_is_beyond_ours_is_whole_things_once() {
    let ours = FieldSet::read(&sample());
    let theirs = FieldSet::read(&json!({
        "f:metadata": {"f:labels": {".": {}, "f:app": {}, "f:new": {}}},
        "f:spec": {
            "f:containers": {
                "k:{\"name\":\"m\"}": {"f:env": {".": {}, "k:{\"name\":\"E\"}": {".": {}, "f:value": {}}}},
                "k:{\"name\":\"side\"}": {".": {}, "f:image": {}},
            },
        },
    }));
    let paths: Vec<String> = theirs
        .beyond(&ours)
        .iter()
        .map(|path| path.iter().map(ToString::to_string).collect::<Vec<_>>().join("/"))
        .collect();
    assert_eq!(
        paths,
        [
            "f:metadata/f:labels/f:new",
            "f:spec/f:containers/k:{\"name\":\"m\"}/f:env",
            "f:spec/f:containers/k:{\"name\":\"side\"}",
        ]
    );
}

#[test]
fn removing_follows_keys_and_defaults() {
    let object = json!({"spec": {"ports": [
        {"containerPort": 1, "protocol": "UDP"}, {"containerPort": 1, "name": "tcp"}]}});
    let mut object = object.as_object().unwrap().clone();
    let path = [
        fields(&["spec", "ports"]),
        vec![PathElement::Key("{\"containerPort\":1,\"protocol\":\"TCP\"}".to_owned())],
    ]
    .concat();
    assert_eq!(remove(&mut object, &path).unwrap()["name"], "tcp");
    assert_eq!(remove(&mut object, &path), None);
    assert_eq!(object["spec"]["ports"].as_array().unwrap().len(), 1);
}

#[test]
fn nonsense_is_no_panic() {
    for value in [json!(null), json!([1]), json!({"x": 1, "f:": null, "i:z": {}, "k:{": {}})] {
        let set = FieldSet::read(&value);
        let mut object = serde_json::Map::new();
        for path in set.paths() {
            remove(&mut object, &path);
        }
    }
}

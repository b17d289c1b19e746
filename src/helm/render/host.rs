//! What functions may ask of a render: the cluster, the clock, random bytes.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::helm::render::Lookup;
use crate::helm::render::chance::Chance;
use crate::helm::value::FunctionError;
use crate::helm::value::Map;
use crate::helm::value::Value;
use crate::helm::values;

/// Is the cluster as one render sees it: every question is asked once, so that
/// both passes of a render get the same answer.
pub(super) struct Cluster<'a> {
    lookup: Option<&'a (dyn Lookup + Sync)>,
    answers: RefCell<BTreeMap<[String; 4], Result<Json, String>>>,
}

impl<'a> Cluster<'a> {
    pub(super) fn new(lookup: Option<&'a (dyn Lookup + Sync)>) -> Self {
        Self { lookup, answers: RefCell::default() }
    }

    /// Returns an object, a list when the name is empty, and an empty map where
    /// there is nothing or no cluster.
    pub(super) fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Value, FunctionError> {
        let Some(lookup) = self.lookup else { return Ok(Value::Map(Map::default())) };
        let question = [api_version, kind, namespace, name].map(str::to_owned);
        let known = self.answers.borrow().get(&question).cloned();
        let answer = known.unwrap_or_else(|| {
            let answer = lookup.lookup(api_version, kind, namespace, name);
            self.answers.borrow_mut().insert(question, answer.clone());
            answer
        });
        match answer {
            Ok(object) => Ok(values::from_json(&object)),
            Err(reason) => Err(FunctionError::new(reason)),
        }
    }
}

/// Is the clock and the random bytes of one pass.
///
/// The first pass uses the real ones and records them. The second, which finds
/// out what depends on them, has a clock that is far away in every unit and gets
/// the complement of every byte: whatever range a function maps bytes into, an
/// even one at least, the result is then certain to be another.
pub(super) struct Source<'a> {
    chance: &'a dyn Chance,
    /// The bytes of the first pass, in the second.
    replayed: Option<Vec<u8>>,
    given: RefCell<Vec<u8>>,
    now: Cell<Option<i128>>,
    failure: RefCell<Option<String>>,
    current: RefCell<String>,
    users: RefCell<BTreeSet<String>>,
}

/// 400 days, 7 hours, 17 minutes, 43 seconds and some.
const FAR: i128 = (((400 * 24 + 7) * 60 + 17) * 60 + 43) * 1_000_000_000 + 123_456_789;

impl<'a> Source<'a> {
    pub(super) fn first(chance: &'a dyn Chance) -> Self {
        Self {
            chance,
            replayed: None,
            given: RefCell::default(),
            now: Cell::default(),
            failure: RefCell::default(),
            current: RefCell::default(),
            users: RefCell::default(),
        }
    }

    /// Makes the source of the second pass.
    pub(super) fn second(first: Self) -> Self {
        let Self { chance, given, now, .. } = first;
        let mut second = Self::first(chance);
        second.replayed = Some(given.into_inner());
        second.now = Cell::new(now.get().map(|now| now + FAR));
        second
    }

    /// Says which file is rendered from now on.
    pub(super) fn begin(&self, file: &str) {
        file.clone_into(&mut self.current.borrow_mut());
    }

    /// Returns the files that used the clock or random bytes so far, themselves
    /// or in what they included.
    pub(super) fn users(&self) -> BTreeSet<String> {
        self.users.borrow().clone()
    }

    /// Returns why random bytes could not be had, if they could not.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }

    /// Returns the time, the same one for the whole pass, so that the parts of a
    /// release agree about it. Go asks the clock every time; no chart can count on
    /// what lies between.
    pub(super) fn now(&self) -> i128 {
        self.note();
        let now = self.now.get().unwrap_or_else(|| {
            let now = self.chance.now();
            if self.replayed.is_some() { now + FAR } else { now }
        });
        self.now.set(Some(now));
        now
    }

    pub(super) fn random(&self, count: usize) -> Vec<u8> {
        self.note();
        let mut bytes = vec![0; count];
        if let Err(reason) = self.chance.fill(&mut bytes) {
            *self.failure.borrow_mut() = Some(reason);
        }
        let mut given = self.given.borrow_mut();
        if let Some(replayed) = &self.replayed {
            for (byte, recorded) in bytes.iter_mut().zip(replayed.iter().skip(given.len())) {
                *byte = !recorded;
            }
        }
        given.extend_from_slice(&bytes);
        bytes
    }

    fn note(&self) {
        let current = self.current.borrow().clone();
        self.users.borrow_mut().insert(current);
    }
}

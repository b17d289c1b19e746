//! The Go structs behind `.Capabilities`, as objects of the template language.

use std::any::Any;
use std::rc::Rc;

use crate::helm::capabilities::Capabilities;
use crate::helm::capabilities::HelmVersion;
use crate::helm::capabilities::KubeVersion;
use crate::helm::compatibility::Compatibility;
use crate::helm::function::Parameter;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::ListKind;
use crate::helm::value::Object;
use crate::helm::value::Value;

/// Returns the object `.Capabilities`.
pub(super) fn capabilities(capabilities: &Capabilities, compatibility: Compatibility) -> Value {
    let package = match compatibility {
        Compatibility::Helm3 => "chartutil",
        Compatibility::Helm4 => "common",
    };
    Value::Object(Rc::new(Root {
        package,
        kube_version: Value::Object(Rc::new(Kube {
            package,
            compatibility,
            version: capabilities.kube_version.clone(),
        })),
        api_versions: Value::Object(Rc::new(VersionSet {
            package,
            versions: capabilities.api_versions.clone(),
        })),
        helm_version: Value::Object(Rc::new(Build {
            version: capabilities.helm_version.clone(),
            compatibility,
        })),
    }))
}

struct Root {
    package: &'static str,
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
}

impl Object for Root {
    fn type_name(&self) -> String {
        format!("*{}.Capabilities", self.package)
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(self.kube_version.clone()),
            "APIVersions" => Some(self.api_versions.clone()),
            "HelmVersion" => Some(self.helm_version.clone()),
            _ => None,
        }
    }

    fn entries(&self) -> Option<Entries> {
        Some(Entries::from([
            ("KubeVersion".to_owned(), self.kube_version.clone()),
            ("APIVersions".to_owned(), self.api_versions.clone()),
            ("HelmVersion".to_owned(), self.helm_version.clone()),
        ]))
    }

    fn display(&self) -> String {
        let shown: Vec<String> = [&self.kube_version, &self.api_versions, &self.helm_version]
            .into_iter()
            .map(|value| match value {
                Value::Object(object) => object.display(),
                _ => String::new(),
            })
            .collect();
        format!("{{{}}}", shown.join(" "))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Kube {
    package: &'static str,
    compatibility: Compatibility,
    version: KubeVersion,
}

impl Kube {
    /// Returns the field `Version`: Helm 3 keeps only the numbers.
    fn full(&self) -> &str {
        match self.compatibility {
            Compatibility::Helm3 => &self.version.normalized,
            Compatibility::Helm4 => &self.version.version,
        }
    }
}

impl Object for Kube {
    fn type_name(&self) -> String {
        format!("{}.KubeVersion", self.package)
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::string(self.full())),
            "Major" => Some(Value::string(self.version.major.as_str())),
            "Minor" => Some(Value::string(self.version.minor.as_str())),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        matches!(name, "String" | "GitVersion").then_some(&[])
    }

    fn call(&self, name: &str, _arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        match name {
            "String" => Some(Ok(Value::string(self.version.normalized.as_str()))),
            "GitVersion" => Some(Ok(Value::string(self.full()))),
            _ => None,
        }
    }

    fn entries(&self) -> Option<Entries> {
        Some(
            ["Version", "Major", "Minor"]
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), self.field(name)?)))
                .collect(),
        )
    }

    /// Go prints the version where the template prints the field, as it does in
    /// every chart that does so, and the fields in braces where a function gets it.
    fn display(&self) -> String {
        self.version.normalized.clone()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct VersionSet {
    package: &'static str,
    versions: Vec<String>,
}

impl Object for VersionSet {
    fn type_name(&self) -> String {
        format!("{}.VersionSet", self.package)
    }

    fn kind(&self) -> &'static str {
        "slice"
    }

    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        (name == "Has").then_some(&[Parameter::String])
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let (true, Some(Value::String(wanted))) = (name == "Has", arguments.first()) else {
            return None;
        };
        let wanted = wanted.to_text();
        Some(Ok(Value::Bool(self.versions.iter().any(|version| *version == wanted))))
    }

    fn underlying(&self) -> Option<Value> {
        let versions = self.versions.iter().map(|version| Value::string(version.as_str()));
        Some(Value::typed_list(ListKind::Strings, versions.collect()))
    }

    fn display(&self) -> String {
        format!("[{}]", self.versions.join(" "))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Build {
    version: HelmVersion,
    compatibility: Compatibility,
}

impl Build {
    /// Returns Go's names, the JSON names and the values.
    fn fields(&self) -> Vec<(&'static str, &'static str, &str)> {
        let version = &self.version;
        let mut fields = vec![
            ("Version", "version", version.version.as_str()),
            ("GitCommit", "git_commit", &version.git_commit),
            ("GitTreeState", "git_tree_state", &version.git_tree_state),
            ("GoVersion", "go_version", &version.go_version),
        ];
        if self.compatibility == Compatibility::Helm4 {
            fields.push(("KubeClientVersion", "kube_client_version", &version.kube_client_version));
        }
        fields
    }
}

impl Object for Build {
    fn type_name(&self) -> String {
        "version.BuildInfo".to_owned()
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields()
            .into_iter()
            .find(|(field, _, _)| *field == name)
            .map(|(_, _, value)| Value::string(value))
    }

    fn entries(&self) -> Option<Entries> {
        Some(
            self.fields()
                .into_iter()
                .filter(|(_, _, value)| !value.is_empty())
                .map(|(_, name, value)| (name.to_owned(), Value::string(value)))
                .collect(),
        )
    }

    fn display(&self) -> String {
        let values: Vec<&str> = self.fields().into_iter().map(|(_, _, value)| value).collect();
        format!("{{{}}}", values.join(" "))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

//! Go's own functions.

use super::Case;

/// Each with what Go prints or says.
pub const CASES: &[Case] = &[
    Case::output(
        "{{and .yes .s}} {{and .no .s}} {{and .yes}} {{and 0 1}} {{and 1 0}} {{and .nil 1}} {{and 1 .nil}}",
        "text false true 0 0 <no value> <no value>",
    ),
    Case::output(
        r#"{{or .no .s}} {{or .no ""}} {{or .no}} {{or 0 1}} {{or 1 0}} {{or .nil .missing 3}} {{or .nil .missing}}"#,
        "text  false 1 1 3 <no value>",
    ),
    Case::output(
        r#"{{or .yes (fail "not reached")}} {{and .no (fail "not reached")}}"#,
        "true false",
    ),
    Case::error(
        r#"{{or .no (fail "reached")}}"#,
        r#"template: a.yaml:1:10: executing "a.yaml" at <fail "reached">: error calling fail: reached"#,
    ),
    Case::output(
        r#"{{.s | and .yes}} {{.s | or .no}} {{"" | or .no}} {{.nil | or .no}} {{.nil | and .yes}}"#,
        "text text  <no value> <no value>",
    ),
    Case::error(
        "{{and}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <and>: wrong number of args for and: want at least 1 got 0"#,
    ),
    Case::error(
        "{{or}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <or>: wrong number of args for or: want at least 1 got 0"#,
    ),
    Case::output(
        r#"{{not .yes}} {{not .nil}} {{not .missing}} {{not 0}} {{not "x"}} {{.nil | not}}"#,
        "false true true true false true",
    ),
    Case::error(
        "{{not}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <not>: wrong number of args for not: want 1 got 0"#,
    ),
    Case::error(
        "{{not 1 2}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <not>: wrong number of args for not: want 1 got 2"#,
    ),
    Case::output(
        "{{len .s}} {{len .list}} {{len .m}} {{len .strings}} {{len .emptyMap}} {{len .utf}} {{len .bytes}} {{.s | len}}",
        "4 4 3 2 0 15 2 4",
    ),
    Case::error(
        "{{len .i}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <len .i>: error calling len: len of type int"#,
    ),
    Case::error(
        "{{len .nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <len .nil>: error calling len: len of nil pointer"#,
    ),
    Case::error(
        "{{len nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <len nil>: error calling len: reflect: call of reflect.Value.Type on zero Value"#,
    ),
    Case::error(
        "{{.nil | len}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <len>: error calling len: reflect: call of reflect.Value.Type on zero Value"#,
    ),
    Case::error(
        "{{len .f}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <len .f>: error calling len: len of type float64"#,
    ),
    Case::error(
        "{{len .thing}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <len .thing>: error calling len: len of type main.Thing"#,
    ),
    Case::error(
        "{{len}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <len>: wrong number of args for len: want 1 got 0"#,
    ),
    Case::error(
        "{{len 1 2}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <len>: wrong number of args for len: want 1 got 2"#,
    ),
    Case::output(
        r#"{{index .list 0}} {{index .list 1}} {{index .list 2}} {{index .m "a"}} {{index .m "b" "c"}} {{index .m "none"}} {{index .strings 1}} {{index .ints 0}} {{index .s 1}} {{index .bytes 0}}"#,
        "a 1.5 <no value> A 1.5 <no value> y 3 101 104",
    ),
    Case::error(
        "{{index .list 4}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list 4>: error calling index: reflect: slice index out of range"#,
    ),
    Case::error(
        "{{index .list 5}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list 5>: error calling index: index out of range: 5"#,
    ),
    Case::error(
        "{{index .s 4}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .s 4>: error calling index: reflect: string index out of range"#,
    ),
    Case::error(
        "{{index .s 9}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .s 9>: error calling index: index out of range: 9"#,
    ),
    Case::error(
        "{{index .list -1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list -1>: error calling index: index out of range: -1"#,
    ),
    Case::error(
        r#"{{index .list "a"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list "a">: error calling index: cannot index slice/array with type string"#,
    ),
    Case::error(
        "{{index .list 1.0}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list 1.0>: error calling index: cannot index slice/array with type float64"#,
    ),
    Case::error(
        "{{index .list 1.5}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list 1.5>: error calling index: cannot index slice/array with type float64"#,
    ),
    Case::error(
        "{{index .list nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list nil>: error calling index: cannot index slice/array with nil"#,
    ),
    Case::error(
        "{{index .list .nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .list .nil>: error calling index: cannot index slice/array with nil"#,
    ),
    Case::error(
        "{{index .m 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .m 1>: error calling index: value has type int; should be string"#,
    ),
    Case::error(
        "{{index .m nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .m nil>: error calling index: value is nil; should be of type string"#,
    ),
    Case::error(
        "{{index .m .nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .m .nil>: error calling index: value is nil; should be of type string"#,
    ),
    Case::error(
        "{{index .nil 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .nil 1>: error calling index: index of untyped nil"#,
    ),
    Case::error(
        "{{index nil 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index nil 1>: error calling index: index of untyped nil"#,
    ),
    Case::error(
        r#"{{index .m "z" "x"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .m "z" "x">: error calling index: index of nil pointer"#,
    ),
    Case::error(
        r#"{{index .m "none" "x"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .m "none" "x">: error calling index: index of nil pointer"#,
    ),
    Case::error(
        "{{index .i 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index .i 1>: error calling index: can't index item of type int"#,
    ),
    Case::partial(
        r#"{{index .m "a" 0}} {{index .m "a" 7}}"#,
        "65 ",
        r#"template: a.yaml:1:21: executing "a.yaml" at <index .m "a" 7>: error calling index: index out of range: 7"#,
    ),
    Case::output("{{index .list}}", "[a 1.5 <nil> true]"),
    Case::error(
        "{{index}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <index>: wrong number of args for index: want at least 1 got 0"#,
    ),
    Case::output(
        r#"{{(index .m "b").c}} {{(index .m "none").c}} {{(index .list 2).x}}"#,
        "1.5 <no value> <no value>",
    ),
    Case::output(
        r#"{{index .m "none" | printf "%v"}} {{printf "%v" (index .m "none")}} {{index .nums 1 | printf "%.1f"}}"#,
        "<nil> <nil> 2.0",
    ),
    Case::output(
        "{{slice .s}} {{slice .s 1}} {{slice .s 1 3}} {{slice .list 1 3}} {{slice .strings 1}} {{slice .list 0 1 2}}",
        "text ext ex [1.5 <nil>] [y] [a]",
    ),
    Case::error(
        "{{slice .s 3 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .s 3 1>: error calling slice: invalid slice index: 3 > 1"#,
    ),
    Case::error(
        "{{slice .s 1 9}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .s 1 9>: error calling slice: index out of range: 9"#,
    ),
    Case::error(
        "{{slice .s 1 2 3}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .s 1 2 3>: error calling slice: cannot 3-index slice a string"#,
    ),
    Case::error(
        "{{slice .list 2 1 0}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .list 2 1 0>: error calling slice: invalid slice index: 2 > 1"#,
    ),
    Case::error(
        "{{slice .list 1 2 3 4}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .list 1 2 3 4>: error calling slice: too many slice indexes: 4"#,
    ),
    Case::error(
        "{{slice .m 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .m 1>: error calling slice: can't slice item of type map[string]interface {}"#,
    ),
    Case::error(
        "{{slice .nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .nil>: error calling slice: slice of untyped nil"#,
    ),
    Case::error(
        "{{slice nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice nil>: error calling slice: slice of untyped nil"#,
    ),
    Case::error(
        "{{slice .list 1.5}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <slice .list 1.5>: error calling slice: cannot index slice/array with type float64"#,
    ),
    Case::output(
        r#"{{eq 1 1}} {{eq 1 2}} {{eq 1.5 1.5}} {{eq "a" "a"}} {{eq true true}} {{eq .s "text"}} {{eq 1 2 1}} {{eq 1 2 3}} {{eq .i 7}} {{eq .i .i64}} {{eq .f 1e6}}"#,
        "true false true true true true true false true false true",
    ),
    Case::error(
        "{{eq .f 1000000}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .f 1000000>: error calling eq: incompatible types for comparison: float64 and int"#,
    ),
    Case::error(
        "{{eq 1 1.0}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64"#,
    ),
    Case::error(
        r#"{{eq 1 "a"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq 1 "a">: error calling eq: incompatible types for comparison: int and string"#,
    ),
    Case::error(
        "{{eq .s 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .s 1>: error calling eq: incompatible types for comparison: string and int"#,
    ),
    Case::error(
        "{{eq .yes 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .yes 1>: error calling eq: incompatible types for comparison: bool and int"#,
    ),
    Case::output(
        r#"{{eq .nil nil}} {{eq .nil 1}} {{eq 1 .nil}} {{eq .missing ""}} {{eq .nil .missing}} {{eq nil nil}} {{eq .s nil}}"#,
        "true false false false true true false",
    ),
    Case::error(
        "{{eq .m .m}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .m .m>: error calling eq: non-comparable type map[a:A b:map[c:%!s(float64=1.5) n:<nil>] z:<nil>]: map[string]interface {}"#,
    ),
    Case::error(
        "{{eq .list .list}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .list .list>: error calling eq: non-comparable type [a %!s(float64=1.5) <nil> %!s(bool=true)]: []interface {}"#,
    ),
    Case::error(
        "{{eq .m .list}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .m .list>: error calling eq: non-comparable types map[a:A b:map[c:%!s(float64=1.5) n:<nil>] z:<nil>]: map[string]interface {}, []interface {}: [a 1.5 <nil> true]"#,
    ),
    Case::output("{{eq .m nil}} {{eq .list nil}} {{eq nil .m}}", "false false false"),
    Case::error(
        "{{eq .m 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .m 1>: error calling eq: incompatible types for comparison: map[string]interface {} and int"#,
    ),
    Case::error(
        "{{eq 1 .m}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq 1 .m>: error calling eq: incompatible types for comparison: int and map[string]interface {}"#,
    ),
    Case::output("{{eq .thing .thing}} {{eq .thing nil}}", "true false"),
    Case::error(
        "{{eq .thing .m}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .thing .m>: error calling eq: non-comparable types thing!: *main.Thing, map[string]interface {}: map[a:A b:map[c:1.5 n:<nil>] z:<nil>]"#,
    ),
    Case::error(
        "{{eq .strings .list}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .strings .list>: error calling eq: non-comparable type [a %!s(float64=1.5) <nil> %!s(bool=true)]: []interface {}"#,
    ),
    Case::error(
        "{{eq .emptyMap .emptyMap}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq .emptyMap .emptyMap>: error calling eq: non-comparable type map[]: map[string]interface {}"#,
    ),
    Case::error(
        "{{eq}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq>: wrong number of args for eq: want at least 1 got 0"#,
    ),
    Case::error(
        "{{eq 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <eq 1>: error calling eq: missing argument for comparison"#,
    ),
    Case::output(
        "{{1 | eq 1}} {{eq (index .s 0) 116}} {{eq 116 (index .s 0)}} {{lt (index .s 0) 117}} {{lt -1 (index .s 0)}}",
        "true true true true true",
    ),
    Case::output(
        r#"{{ne 1 2}} {{ne 1 1}} {{ne .nil nil}} {{ne "a" "b"}}"#,
        "true false false true",
    ),
    Case::error(
        "{{ne 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <ne>: wrong number of args for ne: want 2 got 1"#,
    ),
    Case::error(
        "{{ne 1 2 3}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <ne>: wrong number of args for ne: want 2 got 3"#,
    ),
    Case::error(
        r#"{{ne 1 "a"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <ne 1 "a">: error calling ne: incompatible types for comparison: int and string"#,
    ),
    Case::output(
        r#"{{lt 1 2}} {{lt 2 1}} {{lt 1.5 2.5}} {{lt "a" "b"}} {{le 1 1}} {{le 2 1}} {{gt 2 1}} {{gt 1 1}} {{ge 1 1}} {{ge 1 2}} {{le "a" "a"}} {{ge 1.5 1.5}} {{gt .i64 .i}}"#,
        "true false true true true false true false true false true true true",
    ),
    Case::error(
        "{{lt 1 2.0}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <lt 1 2.0>: error calling lt: incompatible types for comparison: int and float64"#,
    ),
    Case::error(
        r#"{{lt 1 "a"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <lt 1 "a">: error calling lt: incompatible types for comparison: int and string"#,
    ),
    Case::error(
        "{{lt .nil 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <lt .nil 1>: error calling lt: invalid type for comparison"#,
    ),
    Case::error(
        "{{lt 1 .nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <lt 1 .nil>: error calling lt: invalid type for comparison"#,
    ),
    Case::error(
        "{{lt true false}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <lt true false>: error calling lt: invalid type for comparison"#,
    ),
    Case::error(
        "{{lt .m 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <lt .m 1>: error calling lt: invalid type for comparison"#,
    ),
    Case::error(
        "{{le .list 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <le .list 1>: error calling le: invalid type for comparison"#,
    ),
    Case::error(
        "{{gt 1 1.5}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <gt 1 1.5>: error calling gt: incompatible types for comparison: int and float64"#,
    ),
    Case::error(
        "{{ge .missing 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <ge .missing 1>: error calling ge: invalid type for comparison"#,
    ),
    Case::error(
        "{{lt 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <lt>: wrong number of args for lt: want 2 got 1"#,
    ),
    Case::output(
        r#"{{html .html}} {{html "a" 1 2 "b"}} {{html .nil}} {{html nil}} {{.html | html}} {{html .m}}"#,
        "&lt;a href=&#39;x&#39;&gt;&amp;&#34; a1 2b &lt;no value&gt; &lt;no value&gt; &lt;a href=&#39;x&#39;&gt;&amp;&#34; map[a:A b:map[c:1.5 n:&lt;nil&gt;] z:&lt;nil&gt;]",
    ),
    Case::output(
        r#"{{js .html}} {{js "a'b\"c\\d\n\t=&é"}} {{js .utf}} {{js 1 2}}"#,
        "\\u003Ca href\\u003D\\'x\\'\\u003E\\u0026\\\" a\\'b\\\"c\\\\d\\u000A\\u0009\\u003D\\u0026é hé\\u00A0\\u200B€\u{1f389} 1 2",
    ),
    Case::output(
        r#"{{urlquery "a b&c=d/é~-_."}} {{urlquery 1 "x" 2}} {{.html | urlquery}}"#,
        "a+b%26c%3Dd%2F%C3%A9~-_. 1x2 %3Ca+href%3D%27x%27%3E%26%22",
    ),
    Case::output(
        r#"{{print}} {{print 1}} {{print 1 2}} {{print "a" "b"}} {{print "a" 1 2 "b"}} {{print nil}} {{print .nil .missing}} {{print 1 nil 2}} {{print .m .list}} {{print true false}} {{print .strings 1}}"#,
        " 1 1 2 ab a1 2b <nil> <nil> <nil> 1 <nil> 2 map[a:A b:map[c:1.5 n:<nil>] z:<nil>] [a 1.5 <nil> true] true false [x y] 1",
    ),
    Case::output(
        r#"{{println}}|{{println 1 "a" nil}}|{{.s | println "x"}}"#,
        "\n|1 a <nil>\n|x text\n",
    ),
    Case::output(
        r#"{{printf "%s-%d" .s .i}} {{printf "x"}} {{.s | printf "%s"}} {{.i | printf "%s %d" .s}}"#,
        "text-7 x text text 7",
    ),
    Case::error(
        "{{printf}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <printf>: wrong number of args for printf: want at least 1 got 0"#,
    ),
    Case::error(
        "{{printf 1}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <1>: expected string; found 1"#,
    ),
    Case::error(
        "{{printf .nil}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.nil>: wrong type for value; expected string; got interface {}"#,
    ),
    Case::error(
        "{{printf nil}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <nil>: cannot assign nil to string"#,
    ),
    Case::error(
        "{{.nil | printf}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <printf>: invalid value; expected string"#,
    ),
    Case::error(
        "{{printf .i}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.i>: wrong type for value; expected string; got int"#,
    ),
    Case::error(
        "{{call .s}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <call .s>: error calling call: non-function .s of type string"#,
    ),
    Case::error(
        "{{call .nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <call .nil>: error calling call: call of nil"#,
    ),
    Case::error(
        "{{call nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <call nil>: error calling call: call of nil"#,
    ),
    Case::error(
        "{{call}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <call>: wrong number of args for call: want at least 1 got 0"#,
    ),
    Case::error(
        "{{call .s 1 2}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <call .s 1 2>: error calling call: non-function .s of type string"#,
    ),
    Case::error(
        r#"{{"abc" | call}}"#,
        r#"template: a.yaml:1:10: executing "a.yaml" at <call>: error calling call: non-function abc of type string"#,
    ),
    Case::error(
        "{{.i | call}}",
        r#"template: a.yaml:1:7: executing "a.yaml" at <call>: error calling call: non-function <int Value> of type int"#,
    ),
    Case::error(
        "{{call .m.b.c 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <call .m.b.c 1>: error calling call: non-function .m.b.c of type float64"#,
    ),
    Case::error(
        r#"{{call (fail "first")}}"#,
        r#"template: a.yaml:1:8: executing "a.yaml" at <fail "first">: error calling fail: first"#,
    ),
];

//! Lines of a diff, and resources, as JSON text that comes back exactly: order of members and text of numbers.

use std::sync::Arc;

use scim::diff::{Action, Line};
use scim::document::Document;
use scim::json::{Json, Limits, Object, parse};
use scim::value::Value;

/// More than what is let in: a value in a line is two levels deeper than in the request it came with.
const LIMITS: Limits = Limits { depth: 128, values: usize::MAX };

/// The JSON text of lines.
pub(crate) fn to_text(lines: &[Line]) -> String {
    let mut out = String::from("[");
    for Line { path, action, before, after, operation } in lines {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str("{\"path\":");
        out.push_str(&Value::String(path).to_text());
        out.push_str(",\"action\":\"");
        out.push_str(word(*action));
        out.push('"');
        for (name, value) in [("before", before), ("after", after)] {
            if let Some(value) = value {
                out.push_str(",\"");
                out.push_str(name);
                out.push_str("\":");
                out.push_str(&value.to_text());
            }
        }
        if let Some(operation) = operation {
            out.push_str(",\"operation\":");
            out.push_str(&operation.to_string());
        }
        out.push('}');
    }
    out.push(']');
    out
}

/// The lines of a JSON text that [`to_text`] made, or why it is none.
pub(crate) fn from_text(text: &str) -> Result<Vec<Line>, String> {
    let Json::Array(items) = json(text)? else {
        return Err("lines are no array".to_owned());
    };
    items.into_iter().map(line).collect()
}

/// The resource of a JSON text, or why it is none.
pub(crate) fn document(text: &str) -> Result<Arc<Document>, String> {
    Ok(Arc::new(Document::pack(&object(text)?)))
}

/// The object of a JSON text, or why it is none.
pub(crate) fn object(text: &str) -> Result<Object, String> {
    match json(text)? {
        Json::Object(object) => Ok(object),
        other => Err(format!("a resource is {}", other.kind_name())),
    }
}

/// The value of a JSON text that was written here.
pub(crate) fn json(text: &str) -> Result<Json, String> {
    parse(text.as_bytes(), LIMITS).map_err(|error| error.to_string())
}

fn line(item: Json) -> Result<Line, String> {
    let Json::Object(mut members) = item else { return Err("a line is no object".to_owned()) };
    let operation = match members.remove("operation") {
        Some(Json::Number(number)) => number.text().parse().map(Some).map_err(|_| "a line has no valid operation")?,
        Some(_) => return Err("a line has no valid operation".to_owned()),
        None => None,
    };
    Ok(Line {
        path: text(&mut members, "path")?,
        action: action(&text(&mut members, "action")?)?,
        before: members.remove("before"),
        after: members.remove("after"),
        operation,
    })
}

fn text(members: &mut Object, name: &str) -> Result<String, String> {
    match members.remove(name) {
        Some(Json::String(text)) => Ok(text),
        _ => Err(format!("a line has no {name}")),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Removed => "removed",
        Action::Changed => "changed",
    }
}

fn action(word: &str) -> Result<Action, String> {
    match word {
        "added" => Ok(Action::Added),
        "removed" => Ok(Action::Removed),
        "changed" => Ok(Action::Changed),
        other => Err(format!("a line has the unknown action {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_with_the_order_of_members_and_the_text_of_numbers() {
        let value = |text: &str| Some(parse(text.as_bytes(), Limits::default()).unwrap());
        let lines = vec![
            Line {
                path: "emails[type eq \"wörk\"]".to_owned(),
                action: Action::Changed,
                before: value(r#"{"z":1.50,"a":123456789012345678901234567890,"m":[null,true]}"#),
                after: Some(Json::Null),
                operation: Some(3),
            },
            Line {
                path: "x\u{0}\"".to_owned(),
                action: Action::Removed,
                before: value("\"\\u0001\""),
                after: None,
                operation: None,
            },
            Line { path: String::new(), action: Action::Added, before: None, after: value("[]"), operation: Some(0) },
        ];
        assert_eq!(format!("{:?}", from_text(&to_text(&lines)).unwrap()), format!("{lines:?}"));
        assert_eq!(from_text("[]").unwrap(), []);
    }

    #[test]
    fn text_that_is_no_list_of_lines_is_an_error() {
        for text in ["", "{}", "[1]", r#"[{"path":"a"}]"#, r#"[{"path":"a","action":"eaten"}]"#] {
            assert!(from_text(text).is_err(), "{text}");
        }
    }
}

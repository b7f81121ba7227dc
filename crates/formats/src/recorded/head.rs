//! Message heads as text (RFC 9112), for what was recorded without its bytes.

use super::{Field, Request, Response};

/// A request line with its header fields, as it most likely was on the wire.
pub fn head_of_request(request: &Request) -> String {
    let version = if request.version.is_empty() { "HTTP/1.1" } else { &request.version };
    let mut head = format!("{} {} {version}\r\n", one_line(&request.method), one_line(&request.target));
    push_fields(&request.headers, &mut head);
    head
}

/// A status line with its header fields, as it most likely was on the wire.
pub fn head_of_response(response: &Response) -> String {
    let version = if response.version.is_empty() { "HTTP/1.1" } else { &response.version };
    let mut head = format!("{version} {} {}\r\n", response.status, one_line(&response.reason));
    push_fields(&response.headers, &mut head);
    head
}

fn push_fields(fields: &[Field], head: &mut String) {
    for (name, value) in fields {
        head.push_str(&format!("{}: {}\r\n", one_line(name), one_line(value)));
    }
    head.push_str("\r\n");
}

/// What comes from a file must not make lines of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The usual words behind a status code (RFC 9110 section 15); empty for one that has none.
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

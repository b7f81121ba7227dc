//! The page for an app that could not start.

use axum::Router;
use axum::response::Html;

/// Answers everything with a page that says what is wrong.
pub fn router(error: &anyhow::Error) -> Router {
    let page = page(&format!("{error:#}"));
    Router::new().fallback(move || async move { Html(page) })
}

fn page(message: &str) -> String {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Scimscope</title>\
         <style>:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;max-width:38rem;margin:18vh auto;padding:0 1.5rem}}\
         h1{{font-size:1.25rem}}pre{{white-space:pre-wrap;padding:1rem;border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:8px}}</style>\
         <h1>Scimscope could not start</h1><pre role=\"alert\">{message}</pre>\
         <p>Close this window, put that right, and start Scimscope again.</p></html>"
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_message_is_shown_as_text_never_as_markup() {
        assert!(super::page("<script>&").contains("<pre role=\"alert\">&lt;script>&amp;</pre>"));
    }
}

//! Generates what Tauri reads at compile time.

fn main() {
    tauri_build::build();
}

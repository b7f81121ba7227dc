//! The allocator of every program that is built on this room.
//!
//! That of the C library looks through lists of freed pieces that grow with the directory: at 100,000 users a look-up cost
//! three times what it costs at 1,000, nearly all of it there. See docs/adr/0012-allocator.md.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

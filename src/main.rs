//! The `novelo` command.

fn main() {}

//! The `novelo` command.

/// Events are made in one thread and freed in another, which this allocator is made for: an import is a quarter faster.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    novelo::cli::main()
}

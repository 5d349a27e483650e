//! The `novelo` command.

fn main() -> std::process::ExitCode {
    novelo::cli::main()
}

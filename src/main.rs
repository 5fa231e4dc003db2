//! The binary: parse, run, map the outcome to an exit code; nothing else.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    qldb_export::main()
}

//! The files that commands write beside their results: `--receipt`, `--events`, `--resume`. They come to be whole or
//! not at all, and replace nothing but their like.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::engine_support::files;
use crate::support::{Place, Ran, alike};

const FLAGS: [&str; 3] = ["--receipt", "--events", "--resume"];

/// An archive of an export, away from the data directory, and a folder for files.
struct World {
    place: Place,
    archive: PathBuf,
    folder: PathBuf,
}

impl World {
    fn new() -> Self {
        let place = Place::new();
        let (archive, folder) = (place.path().join("archive"), place.path().join("folder"));
        let data_dir = place.path().join("data");
        let data_dir = ["--data-dir", data_dir.to_str().unwrap()];
        let role = ["--role-arn", "arn:aws:iam::123456789012:role/export"];
        let sample = ["ledger", "sample", "L1", "--transactions", "10"];
        assert_eq!(place.run(sample.into_iter().chain(data_dir)).code, Some(0));
        let start =
            ["start", "--local", "--wait", "--ledger", "L1", "--last", "60d", "--bucket", "exports", "--prefix", ""];
        assert_eq!(place.run(start.into_iter().chain(role).chain(data_dir)).code, Some(0));
        fs::rename(place.path().join("data/buckets/exports"), &archive).unwrap();
        fs::create_dir(&folder).unwrap();
        Self { place, archive, folder }
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = self.place.command(["verify", self.archive.to_str().unwrap()]);
        command.args(more).current_dir(&self.folder);
        command
    }

    fn verify(&self, more: &[&str]) -> Ran {
        Ran::of(self.command(more))
    }

    /// The names in the folder.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Whether a file has the kind that a flag writes.
fn is_written(flag: &str, path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap();
    match flag {
        "--receipt" => text.starts_with("{\n  \"receipt\": \"qldb-export verify\"") && text.ends_with("}\n"),
        "--events" => {
            text.starts_with("{\"type\":\"version\"") && text.lines().last().unwrap().contains("\"type\":\"end\"")
        }
        _ => text.starts_with("{\"format\":") && text.lines().count() > 1,
    }
}

#[test]
fn a_file_is_made_and_replaced_by_its_like_and_nothing_else_stays() {
    let world = World::new();
    for flag in FLAGS {
        for _ in 0..2 {
            let ran = world.verify(&[flag, "file"]);
            assert_eq!(ran.code, Some(0), "{flag}: {}", ran.stderr);
            assert!(is_written(flag, &world.folder.join("file")), "{flag}");
            assert_eq!(world.names(), ["file"], "{flag}");
        }
        // An empty file belongs to nobody yet. Its permissions stay.
        fs::write(world.folder.join("file"), "").unwrap();
        fs::set_permissions(world.folder.join("file"), fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(world.verify(&[flag, "file"]).code, Some(0), "{flag}");
        assert!(is_written(flag, &world.folder.join("file")), "{flag}");
        assert_eq!(fs::metadata(world.folder.join("file")).unwrap().mode() & 0o777, 0o640, "{flag}");
        fs::remove_file(world.folder.join("file")).unwrap();
    }
}

#[test]
fn a_file_of_another_kind_stays_and_is_exit_2() {
    let world = World::new();
    let receipt = world.folder.join("receipt");
    assert_eq!(world.verify(&["--receipt", "receipt", "--events", "events", "--resume", "resume"]).code, Some(0));
    let kinds = FLAGS.map(|flag| fs::read(world.folder.join(flag.trim_start_matches('-'))).unwrap());
    for (flag, own) in FLAGS.into_iter().zip(&kinds) {
        let others = kinds.iter().filter(|kind| *kind != own).map(Vec::as_slice);
        let others = others.chain([b"notes\n".as_slice(), b"{}", b"{\"a\":1}\n", b"\0\0\0\0", b"\n"]);
        for other in others {
            fs::write(world.folder.join("file"), other).unwrap();
            let before = fs::metadata(world.folder.join("file")).unwrap();
            let ran = world.verify(&[flag, "file"]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{flag}: {}", ran.stderr);
            assert!(ran.stderr.contains(flag) && ran.stderr.contains("name another file"), "{flag}: {}", ran.stderr);
            assert_eq!(fs::read(world.folder.join("file")).unwrap(), other, "{flag}");
            assert_eq!(fs::metadata(world.folder.join("file")).unwrap().ino(), before.ino(), "{flag}");
        }
    }
    assert!(is_written("--receipt", &receipt));
}

#[test]
fn folders_and_files_that_are_write_protected_are_exit_2_and_no_folder_is_made() {
    let world = World::new();
    for flag in FLAGS {
        fs::create_dir(world.folder.join("taken")).unwrap();
        assert_eq!(world.verify(&[flag, "taken"]).code, Some(2), "{flag}");
        assert_eq!(world.names(), ["taken"], "{flag}");
        fs::remove_dir(world.folder.join("taken")).unwrap();
        let ran = world.verify(&[flag, "missing/file"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{flag}: {}", ran.stderr);
        assert!(ran.stderr.contains("does not exist and is not created"), "{flag}: {}", ran.stderr);
        assert_eq!(world.verify(&[flag, "file"]).code, Some(0), "{flag}");
        let whole = fs::read(world.folder.join("file")).unwrap();
        fs::set_permissions(world.folder.join("file"), fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(world.verify(&[flag, "file"]).code, Some(2), "{flag}");
        assert_eq!(fs::read(world.folder.join("file")).unwrap(), whole, "{flag}");
        fs::remove_file(world.folder.join("file")).unwrap();
        assert_eq!(world.names(), [""; 0], "{flag}");
    }
}

#[test]
fn nothing_is_written_into_an_archive_that_is_read() {
    let world = World::new();
    let before = files(&world.archive).len();
    symlink(&world.archive, world.folder.join("link")).unwrap();
    symlink(world.archive.join("new"), world.folder.join("file")).unwrap();
    for flag in FLAGS {
        let inside = world.archive.join("file");
        for path in [inside.to_str().unwrap(), "link/file", "file", "../archive/2024.json", "../folder/../archive/x"] {
            let ran = world.verify(&[flag, path]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{flag} {path}: {}", ran.stderr);
            assert!(ran.stderr.contains("is read and not written to"), "{flag} {path}: {}", ran.stderr);
        }
    }
    let events = world.archive.join("events");
    let import = ["ledger", "import", "L2", world.archive.to_str().unwrap(), "--events", events.to_str().unwrap()];
    assert_eq!(world.place.run(import).code, Some(2));
    let buckets = world.place.path().join("buckets");
    fs::create_dir_all(&buckets).unwrap();
    let ran = world.place.run(["ledger", "list", "--events", buckets.join("events").to_str().unwrap()]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert_eq!(files(&world.archive).len(), before);
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_replaced() {
    let world = World::new();
    for flag in FLAGS {
        fs::create_dir(world.folder.join("real")).unwrap();
        symlink("real/file", world.folder.join("first")).unwrap();
        symlink("first", world.folder.join("second")).unwrap();
        // The target need not exist yet.
        for _ in 0..2 {
            assert_eq!(world.verify(&[flag, "second"]).code, Some(0), "{flag}");
            assert!(is_written(flag, &world.folder.join("real/file")), "{flag}");
            assert!(world.folder.join("first").is_symlink() && world.folder.join("second").is_symlink(), "{flag}");
        }
        fs::write(world.folder.join("real/file"), "notes").unwrap();
        assert_eq!(world.verify(&[flag, "second"]).code, Some(2), "{flag}");
        assert_eq!(fs::read_to_string(world.folder.join("real/file")).unwrap(), "notes", "{flag}");
        fs::remove_dir_all(world.folder.join("real")).unwrap();
        ["first", "second"].iter().for_each(|link| fs::remove_file(world.folder.join(link)).unwrap());
    }
    symlink("loop", world.folder.join("loop")).unwrap();
    assert_eq!(world.verify(&["--receipt", "loop"]).code, Some(1));
}

#[test]
fn devices_and_pipes_are_written_through() {
    let world = World::new();
    assert_eq!(world.verify(&["--receipt", "/dev/null", "--events", "/dev/null"]).code, Some(0));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    for flag in ["--receipt", "--events"] {
        let pipe = world.folder.join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut child =
            world.command(&[flag, "pipe", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut read = String::new();
        fs::File::open(&pipe).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{flag}");
        fs::write(world.folder.join("copy"), read).unwrap();
        assert!(is_written(flag, &world.folder.join("copy")), "{flag}");
        fs::remove_file(&pipe).unwrap();
    }
    // A verification resumes only from a file that it can read again.
    for path in ["-", "/dev/null"] {
        assert_eq!(world.verify(&["--resume", path]).code, Some(2), "{path}");
    }
}

#[test]
fn a_hyphen_is_stdout_even_if_stdout_is_a_file() {
    let world = World::new();
    for path in ["-", "/dev/stdout"] {
        let ran = world.verify(&["--receipt", path, "--output", "json"]);
        let documents = ran.json();
        assert_eq!((ran.code, documents.len()), (Some(0), 2), "{path}: {}", ran.stderr);
        assert_eq!(documents[0]["receipt"], "qldb-export verify", "{path}");
        let out = world.folder.join("out");
        let mut command = world.command(&["--events", path, "--output", "json"]);
        assert!(command.stdout(fs::File::create(&out).unwrap()).status().unwrap().success());
        let text = fs::read_to_string(&out).unwrap();
        assert!(
            text.starts_with("{\"type\":\"version\"") && text.contains("\"verdict\": \"proved\""),
            "{path}: {text}"
        );
        assert!(text.trim_end().lines().last().unwrap().contains("\"type\":\"end\""), "{path}: {text}");
    }
    assert!(!world.folder.join("-").exists());
}

#[test]
fn events_are_there_while_the_command_runs_and_the_last_ones_until_then() {
    let world = World::new();
    assert_eq!(world.verify(&["--events", "file"]).code, Some(0));
    let file = world.folder.join("file");
    let old = fs::File::open(&file).unwrap();
    assert_eq!(world.verify(&["--events", "file"]).code, Some(0));
    // A reader that has the former events open reads them to their end.
    let (mut former, mut text) = (old, String::new());
    former.read_to_string(&mut text).unwrap();
    assert!(text.lines().last().unwrap().contains("\"type\":\"end\""));
    assert_ne!(former.metadata().unwrap().ino(), fs::metadata(&file).unwrap().ino());
}

#[test]
fn a_receipt_that_cannot_be_written_is_an_error() {
    let world = World::new();
    let full = world.verify(&["--receipt", "/dev/full"]);
    assert_eq!(full.code, Some(1), "{}", full.stderr);
    assert!(full.stderr.contains("/dev/full"), "{}", full.stderr);
}

/// Runs a command that can't write more than some blocks of a file, like on a full disk.
fn on_a_full_disk(blocks: u32, command: &Command) -> Ran {
    let mut shell = Command::new("sh");
    // The signal would end the command; ignored, the write fails.
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    shell.arg(command.get_program()).args(command.get_args()).current_dir(command.get_current_dir().unwrap());
    Ran::of(std::mem::replace(alike(&mut shell, command), Command::new("")))
}

#[test]
fn on_a_full_disk_nothing_half_written_stays() {
    let world = World::new();
    let flags = [&FLAGS[..], &["--report", "--anchor"]].concat();
    for flag in &flags {
        let name = if *flag == "--report" { "file.txt" } else { "file" };
        let ran = on_a_full_disk(0, &world.command(&[flag, name]));
        assert_eq!(ran.code, Some(1), "{flag}: {}", ran.stderr);
        assert_eq!(world.names(), [""; 0], "{flag}");
    }
    let part = on_a_full_disk(0, &world.command(&["--part", "1/1", "--resume", "file"]));
    assert_eq!((part.code, world.names().len()), (Some(1), 0), "{}", part.stderr);
    // What was there stays as it was.
    for flag in &flags {
        let name = if *flag == "--report" { "file.txt" } else { "file" };
        assert_eq!(world.verify(&[flag, name]).code, Some(0), "{flag}");
        let before = fs::read(world.folder.join(name)).unwrap();
        let again: &[&str] = if *flag == "--resume" { &[flag, name, "--level", "blocks"] } else { &[flag, name] };
        on_a_full_disk(0, &world.command(again));
        assert_eq!((fs::read(world.folder.join(name)).unwrap(), world.names().len()), (before, 1), "{flag}");
        fs::remove_file(world.folder.join(name)).unwrap();
    }
}

#[test]
fn a_file_that_grows_on_a_full_disk_ends_with_a_whole_line() {
    for flag in ["--events", "--resume"] {
        let world = World::new();
        // Shells count in blocks of 512 or 1024 bytes.
        let ran = on_a_full_disk(1, &world.command(&[flag, "file"]));
        let text = fs::read_to_string(world.folder.join("file")).unwrap();
        assert!(!text.is_empty() && text.ends_with('\n'), "{flag}: {text} {}", ran.stderr);
        assert_eq!(world.names(), ["file"], "{flag}");
        fs::remove_file(world.folder.join("file")).unwrap();
    }
}

#[test]
fn a_missing_file_is_exit_2_for_every_flag_and_argument() {
    let world = World::new();
    fs::write(world.folder.join("file"), "").unwrap();
    let archive = world.archive.to_str().unwrap();
    let digest = ["--digest", "rgDQsYEa4OyMG9FwHOJpAQ8yPlX4qP5cJ4cCbuUoNSM=", "--tip", "9"];
    let append = ["ledger", "append", "L1", "--table", "T", "PATH", "--data-dir", "../data"];
    let of_answer = |flag| [&["verify", flag, "PATH"][..], &digest].concat();
    let commands: [(&str, Vec<&str>); 12] = [
        ("FILE", append.to_vec()),
        ("--block", of_answer("--block")),
        ("--revision", of_answer("--revision")),
        ("--digest", vec!["verify", archive, "--digest", "PATH"]),
        ("--receipt", vec!["verify", archive, "--receipt", "PATH"]),
        ("--events", vec!["verify", archive, "--events", "PATH"]),
        ("--resume", vec!["verify", archive, "--resume", "PATH"]),
        ("--to", vec!["convert", archive, "--as", "sqlite", "--to", "PATH"]),
        ("DIR", vec!["man", "PATH"]),
        ("--cli-input-json", vec!["start", "--cli-input-json", "file://PATH"]),
        ("--s3-export-configuration", vec!["start", "--s3-export-configuration", "file://PATH"]),
        ("--credentials-from", vec!["serve", "--credentials-from", "file:PATH"]),
    ];
    for (name, words) in commands {
        for path in ["nowhere/x", "file/x"] {
            // The folder for the manual's pages is created.
            if (name, path) == ("DIR", "nowhere/x") {
                continue;
            }
            let words: Vec<String> = words.iter().map(|word| word.replace("PATH", path)).collect();
            let mut command = world.place.command(words.iter().map(String::as_str));
            command.current_dir(&world.folder);
            let ran = Ran::of(command);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{words:?}: {}", ran.stderr);
            assert!(
                ran.stderr.contains(&format!("{name} \"")) && ran.stderr.contains(": "),
                "{words:?}: {}",
                ran.stderr
            );
        }
    }
    assert_eq!(world.names(), ["file"]);
}

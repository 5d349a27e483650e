//! What the kernel asks of the disk. Nothing is cached for writing: each write of a process comes here at once.

use std::ffi::OsStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{
    BsdFileFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner,
    OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyStatfs,
    ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use super::state::{Change, Dead, Node, NodeKind, Renaming, State};

/// How long the kernel may rely on what it was told: nobody else changes anything.
const TRUSTED: Duration = Duration::from_secs(60);

/// The disk, as the kernel sees it.
pub(super) struct Server(pub(super) Arc<Mutex<State>>);

impl From<Dead> for Errno {
    fn from(_: Dead) -> Self {
        Self::EIO
    }
}

impl Server {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for an operation that changes or syncs something.
    fn operating(&self) -> Result<MutexGuard<'_, State>, Errno> {
        let mut state = self.state();
        state.operate()?;
        Ok(state)
    }

    /// The state, for one that does not.
    fn reading(&self) -> Result<MutexGuard<'_, State>, Errno> {
        let state = self.state();
        state.alive()?;
        Ok(state)
    }

    fn make(&self, folder: INodeNo, name: &OsStr, mode: u32, is_folder: bool) -> Result<FileAttr, Errno> {
        let mut state = self.operating()?;
        if state.find(folder.0, name).is_some() {
            return Err(Errno::EEXIST);
        }
        let number = state.make(folder.0, name, (mode & 0o777) as u16, is_folder);
        attributes(&state, number)
    }

    fn remove(&self, folder: INodeNo, name: &OsStr) -> Result<(), Errno> {
        let mut state = self.operating()?;
        let number = state.find(folder.0, name).ok_or(Errno::ENOENT)?;
        if state.names(number).is_some_and(|names| !names.is_empty()) {
            return Err(Errno::ENOTEMPTY);
        }
        state.rename(Renaming(vec![(folder.0, name.to_owned(), None)]));
        Ok(())
    }

    fn move_to(&self, from: (INodeNo, &OsStr), to: (INodeNo, &OsStr), flags: RenameFlags) -> Result<(), Errno> {
        let mut state = self.operating()?;
        let number = state.find(from.0.0, from.1).ok_or(Errno::ENOENT)?;
        let there = state.find(to.0.0, to.1);
        if flags == RenameFlags::RENAME_NOREPLACE && there.is_some() {
            return Err(Errno::EEXIST);
        }
        if !(flags - RenameFlags::RENAME_NOREPLACE).is_empty() {
            return Err(Errno::EINVAL);
        }
        if there.and_then(|number| state.names(number)).is_some_and(|names| !names.is_empty()) {
            return Err(Errno::ENOTEMPTY);
        }
        if there != Some(number) {
            let entries = vec![(from.0.0, from.1.to_owned(), None), (to.0.0, to.1.to_owned(), Some(number))];
            state.rename(Renaming(entries));
        }
        Ok(())
    }

    fn set(&self, number: INodeNo, mode: Option<u32>, size: Option<u64>) -> Result<FileAttr, Errno> {
        if let Some(size) = size {
            self.operating()?.change(number.0, Change::Resize(size));
        }
        let mut state = self.reading()?;
        if let (Some(mode), Some(node)) = (mode, state.nodes.get_mut(&number.0)) {
            node.mode = (mode & 0o777) as u16;
        }
        attributes(&state, number.0)
    }

    fn bytes(&self, number: INodeNo, offset: u64, size: u32) -> Result<Vec<u8>, Errno> {
        let state = self.reading()?;
        match &state.nodes.get(&number.0).ok_or(Errno::ENOENT)?.kind {
            NodeKind::File { now, .. } => Ok(now.read(offset, size as usize)),
            NodeKind::Folder { .. } => Err(Errno::EISDIR),
        }
    }

    fn entries(&self, number: INodeNo) -> Result<Vec<(u64, FileType, std::ffi::OsString)>, Errno> {
        let state = self.reading()?;
        let names = state.names(number.0).ok_or(Errno::ENOTDIR)?;
        let own = [".", ".."].map(|name| (number.0, FileType::Directory, name.into()));
        let others = names.iter().filter_map(|(name, entry)| {
            let node = state.nodes.get(entry)?;
            Some((*entry, type_of(node), name.clone()))
        });
        Ok(own.into_iter().chain(others).collect())
    }

    fn sync(&self, number: INodeNo, reply: ReplyEmpty) {
        answer(self.operating().map(|mut state| state.sync(number.0)), reply);
    }
}

fn type_of(node: &Node) -> FileType {
    match node.kind {
        NodeKind::File { .. } => FileType::RegularFile,
        NodeKind::Folder { .. } => FileType::Directory,
    }
}

fn attributes(state: &State, number: u64) -> Result<FileAttr, Errno> {
    let node = state.nodes.get(&number).ok_or(Errno::ENOENT)?;
    let size = match &node.kind {
        NodeKind::File { now, .. } => now.size(),
        NodeKind::Folder { .. } => 0,
    };
    Ok(FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind: type_of(node),
        perm: node.mode,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    })
}

fn answer(done: Result<(), Errno>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(cause) => reply.error(cause),
    }
}

fn answer_entry(found: Result<FileAttr, Errno>, reply: ReplyEntry) {
    match found {
        Ok(found) => reply.entry(&TRUSTED, &found, Generation(0)),
        Err(cause) => reply.error(cause),
    }
}

fn answer_attributes(found: Result<FileAttr, Errno>, reply: ReplyAttr) {
    match found {
        Ok(found) => reply.attr(&TRUSTED, &found),
        Err(cause) => reply.error(cause),
    }
}

impl Filesystem for Server {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let find = || {
            let state = self.reading()?;
            let number = state.find(parent.0, name).ok_or(Errno::ENOENT)?;
            attributes(&state, number)
        };
        answer_entry(find(), reply);
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        answer_attributes(self.reading().and_then(|state| attributes(&state, number.0)), reply);
    }

    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        answer_attributes(self.set(number, mode, size), reply);
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, reply: ReplyEntry) {
        answer_entry(self.make(parent, name, mode & !umask, true), reply);
    }

    fn create(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, _: i32, reply: ReplyCreate) {
        match self.make(parent, name, mode & !umask, false) {
            Ok(made) => reply.created(&TRUSTED, &made, Generation(0), FileHandle(0), FopenFlags::empty()),
            Err(cause) => reply.error(cause),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(self.remove(parent, name), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(self.remove(parent, name), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        answer(self.move_to((parent, name), (newparent, newname), flags), reply);
    }

    fn read(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.bytes(number, offset, size) {
            Ok(bytes) => reply.data(&bytes),
            Err(cause) => reply.error(cause),
        }
    }

    fn write(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.operating() {
            Ok(mut state) => {
                state.change(number.0, Change::Write(offset, data.to_vec()));
                reply.written(u32::try_from(data.len()).unwrap());
            }
            Err(cause) => reply.error(cause),
        }
    }

    /// A file is closed: nothing is synced by that.
    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.sync(number, reply);
    }

    fn fsyncdir(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.sync(number, reply);
    }

    fn readdir(&self, _: &Request, number: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        match self.entries(number) {
            Ok(entries) => {
                for ((number, kind, name), at) in entries.into_iter().zip(1..).skip(usize::try_from(offset).unwrap()) {
                    if reply.add(INodeNo(number), at, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(cause) => reply.error(cause),
        }
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        reply.statfs(1 << 24, 1 << 24, 1 << 24, 1 << 20, 1 << 20, 4096, 255, 4096);
    }
}

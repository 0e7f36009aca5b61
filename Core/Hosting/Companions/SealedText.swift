import CHost
import Glibc

/// A text in a memory file that nobody can change any more.
enum SealedText {
    static func file(_ text: String) throws(HostingError) -> OwnedDescriptor {
        let file = OwnedDescriptor(taking: try checked(zos_memfd("input"), "make an input"))
        try SmallFile.write(file.number, Array(text.utf8), "write an input")
        try checkedErrno(Int32(truncatingIfNeeded: lseek(file.number, 0, SEEK_SET)), "rewind an input")
        try checked(zos_seal(file.number), "seal a text")
        return file
    }
}

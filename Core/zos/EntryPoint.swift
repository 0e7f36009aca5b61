import ArgumentParser
import CLI

/// The command line; everything is in the library, where tests reach it.
@main
enum EntryPoint {
    static func main() async { await Zos.main() }
}

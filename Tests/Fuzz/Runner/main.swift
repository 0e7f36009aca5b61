import CFuzzer
import Foundation
import FuzzTargets

// zos-fuzz list | zos-fuzz seeds TARGET FOLDER | zos-fuzz TARGET LIBFUZZER-ARGUMENTS…

/// The target of this process: libFuzzer takes a plain function.
private nonisolated(unsafe) var chosen: FuzzTarget?  // SAFETY: written once, before libFuzzer starts its one thread.

private func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data("zos-fuzz: \(text)\n".utf8))
    exit(2)
}

private func seeds(_ target: FuzzTarget, to folder: String) throws {
    let place = URL(filePath: folder, directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for (index, seed) in try target.seeds().enumerated() {
        try Data(seed.prefix(target.maxBytes)).write(to: place.appending(path: "seed-\(index)"))
    }
}

private func fuzz(_ target: FuzzTarget, _ arguments: [String]) -> Never {
    chosen = target
    let all = [CommandLine.arguments[0], "-max_len=\(target.maxBytes)"] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) } + [nil]
    var count = Int32(all.count)
    let result = pointers.withUnsafeMutableBufferPointer { buffer in
        var start = buffer.baseAddress
        return LLVMFuzzerRunDriver(&count, &start) { data, size in
            let input = Array(UnsafeBufferPointer(start: data, count: size))
            if let problem = chosen?.run(input) { fatalError(problem) }
            return 0
        }
    }
    exit(result)
}

var arguments = CommandLine.arguments.dropFirst()
switch arguments.popFirst() {
case "list": for target in FuzzTarget.all { print(target.name) }
case "seeds":
    guard let name = arguments.popFirst(), let target = FuzzTarget.named(name), let folder = arguments.popFirst() else {
        fail("seeds TARGET FOLDER")
    }
    try seeds(target, to: folder)
case let name?:
    guard let target = FuzzTarget.named(name) else { fail("there is no target \(name); see zos-fuzz list") }
    fuzz(target, Array(arguments))
case nil: fail("which target? see zos-fuzz list")
}

import Testing
import WorkerSandbox

@testable import Hosting

@Suite("SandboxSupport")
struct SandboxSupportTests {
    @Test("a kernel that lacks a part is refused by name", arguments: SandboxPart.allCases)
    func refused(_ part: SandboxPart) {
        let error = #expect(throws: HostingError.self) {
            try SandboxSupport.check(needsUserNamespace: true, missing: [part], unsafelyWithout: [])
        }
        #expect(error?.code == .sandboxUnavailable && error?.message.contains(part.rawValue) == true)
    }

    @Test("only the option that is named as unsafe opts out, part by part")
    func optOut() throws {
        try SandboxSupport.check(needsUserNamespace: true, missing: [.landlock], unsafelyWithout: [.landlock])
        #expect(throws: HostingError.self) {
            try SandboxSupport.check(
                needsUserNamespace: true, missing: [.landlock, .supervisor], unsafelyWithout: [.landlock])
        }
    }

    @Test("user namespaces matter only to plugins that live in one")
    func irrelevant() throws {
        try SandboxSupport.check(needsUserNamespace: false, missing: [.userNamespace], unsafelyWithout: [])
    }

    @Test("this kernel has everything")
    func here() { #expect(SandboxSupport.missing().isEmpty) }
}

import JSON
import Naming

/// Names, ids and the names derived from them.
struct WorkloadIDVectors {
    var tally: VectorTally

    mutating func run(_ file: JSONValue) {
        for entry in file["names"]?.arrayValue ?? [] { name(entry) }
        for entry in file["workload_ids"]?.arrayValue ?? [] { workloadID(entry) }
        for entry in file["networks"]?.arrayValue ?? [] {
            let (id, name) = (entry.text, entry["name"]?.stringValue ?? "")
            guard let twin = Self.twin(entry) else { return tally.check(id, "twin", expected: "a twin", got: nil) }
            tally.check(
                id, "network id", expected: entry["network_id"]?.stringValue,
                got: DeviceName.network(twin: twin, name: name))
        }
        for entry in file["parse"]?.arrayValue ?? [] { parse(entry) }
    }

    private mutating func name(_ entry: JSONValue) {
        let text = entry["name"]?.stringValue ?? ""
        var message: String?
        do throws(NamingError) {
            _ = try WorkloadName(validating: text)
        } catch {
            message = error.message
        }
        tally.check("name \(entry.text)", "validity", expected: entry["valid"]?.boolValue ?? false, got: message == nil)
        if let expected = entry["upstream_error"]?.stringValue {
            tally.check("name \(entry.text)", "text", expected: expected, got: message)
        }
    }

    private mutating func workloadID(_ entry: JSONValue) {
        let (id, name) = (entry["workload_id"]?.stringValue ?? "", entry["name"]?.stringValue ?? "")
        guard let twin = Self.twin(entry), let contract = entry["contract_id"]?.uint64Value else {
            return tally.check(id, "numbers", expected: "to fit", got: nil)
        }
        let composed = WorkloadID(twin: twin, contract: contract, name: name).text
        tally.check(id, "id", expected: id, got: composed)
        for member in entry["device_names"]?.objectValue?.members ?? [] {
            tally.check(
                id, "device name for '\(member.key)'", expected: member.value.stringValue,
                got: DeviceName.device(workloadID: composed, text: member.key))
        }
    }

    // The reference is lax: we must read nothing that it refuses, and only texts that an id is written as.
    private mutating func parse(_ entry: JSONValue) {
        let text = entry["text"]?.stringValue ?? ""
        var expected: String?
        if entry["ok"]?.boolValue == true, let twin = Self.twin(entry), let contract = entry["contract_id"]?.uint64Value
        {
            let id = WorkloadID(twin: twin, contract: contract, name: entry["name"]?.stringValue ?? "")
            let isValid = (try? WorkloadName(validating: id.name)) != nil  // An invalid name is an answer here.
            expected = isValid && id.text.utf8.elementsEqual(text.utf8) ? id.text : nil
        }
        // A refusal is the answer where the text is not strict.
        tally.check(
            "parse \(entry.text)", "strict reading", expected: expected, got: (try? WorkloadID(parsing: text))?.text)
    }

    private static func twin(_ entry: JSONValue) -> UInt32? {
        entry["twin_id"]?.uint64Value.flatMap(UInt32.init(exactly:))
    }
}

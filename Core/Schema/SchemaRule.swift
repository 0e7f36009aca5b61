/// A compiled subschema: what its keywords demand, subschemas as indices into the schema's list.
struct SchemaNode: Sendable {
    /// Its place in the document, as a JSON pointer.
    let path: String
    var rules: [SchemaRule] = []
}

enum SchemaRule: Sendable {
    /// The schema `false`.
    case nothing
    case types(Set<SchemaKind>)
    /// `enum` and `const`, by normal form.
    case values(Set<[UInt8]>, keyword: String)
    case bound(ExactNumber, NumberBound, text: String)
    case multipleOf(ExactNumber, significand: UInt64, text: String)
    case count(Counted, least: Int?, most: Int?, keyword: String)
    case pattern(Pattern)
    case items(prefix: [Int], rest: Int?)
    case contains(Int, least: Int, most: Int?)
    case uniqueItems
    case members(MemberRule)
    case propertyNames(Int)
    case required([[UInt8]])
    case dependentRequired([([UInt8], [[UInt8]])])
    case dependentSchemas([([UInt8], Int)])
    case reference(Int)
    case allOf([Int])
    case anyOf([Int])
    case oneOf([Int])
    case not(Int)
    case conditional(Int, then: Int?, else: Int?)
    case unevaluatedItems(Int)
    case unevaluatedProperties(Int)

    /// The subschemas that are applied to the same place of the value: a circle among them would never end.
    var inPlace: [Int] {
        switch self {
        case .dependentSchemas(let dependents): dependents.map { $0.1 }
        case .reference(let node), .not(let node): [node]
        case .allOf(let nodes), .anyOf(let nodes), .oneOf(let nodes): nodes
        case .conditional(let condition, let then, let otherwise):
            [condition] + [then, otherwise].compactMap { $0 }
        default: []
        }
    }
}

/// `properties`, `patternProperties` and `additionalProperties`, which decide together.
struct MemberRule: Sendable {
    var named: [[UInt8]: Int] = [:]
    var patterns: [(pattern: Pattern, node: Int)] = []
    var additional: Int?
}

enum NumberBound: String, Sendable {
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum
}

/// What `minLength`, `maxItems` and the like count.
enum Counted: String, Sendable {
    case characters, elements, members
}

/// The names of `type`.
enum SchemaKind: String, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object
}

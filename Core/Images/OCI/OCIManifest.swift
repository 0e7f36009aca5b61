import JSON
import Unpacking

/// What an image for one platform consists of.
struct OCIManifest {
    let configuration: OCIDescriptor
    /// The lowest first.
    let layers: [OCIDescriptor]

    init(_ value: JSONValue, name: String, limits: UnpackLimits) throws(ImageError) {
        guard value["schemaVersion"] == 2, let configuration = value["config"],
            let layers = value["layers"]?.arrayValue, !layers.isEmpty
        else { throw ImageError(.invalid, "the manifest \(name) has no config and layers, or another schemaVersion") }
        guard layers.count <= limits.layers else {
            throw ImageError(.tooLarge, "the image has \(layers.count) layers; the most is \(limits.layers)")
        }
        self.configuration = try OCIDescriptor(configuration, in: name)
        var descriptors: [OCIDescriptor] = []
        for layer in layers { descriptors.append(try OCIDescriptor(layer, in: name)) }
        self.layers = descriptors
    }
}

import Images
import Testing

@Suite("Images")
struct ImagesTests {}

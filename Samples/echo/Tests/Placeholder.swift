enum EchoTestsPlaceholder {}

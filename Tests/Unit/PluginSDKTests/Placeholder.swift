enum PluginSDKTestsPlaceholder {}

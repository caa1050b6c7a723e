enum SalesforceEmulatorPlaceholder {}

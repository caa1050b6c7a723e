enum CalComPlaceholder {}

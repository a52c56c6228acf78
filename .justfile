# Recipes that need more than cargo; `.ci/run` is the only list of checks.

# What there is to do.
default:
    @just --list

# The functions as they are deployed: release zips in target/lambda, with their sizes.
package:
    infra/package
